/** A file of a bundle; the path is relative to the bundle's folder. */
export interface BundleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}
