/** The store that `--store` names, opened for one command and closed after it. */
import { type BlobStore, fileStore } from '@fraudops/core';
import type { CommandContext, CommandOption } from './command.js';

/** The folder that holds models and runs. */
export const STORE_OPTION: CommandOption = { value: 'DIR', help: 'folder of models and runs', default: '.fraudops' };

/** Opens the store that `--store` names, gives it to a function, and closes it when the function ends or fails. */
export async function withStore<Result>(
  { options }: Pick<CommandContext, 'options'>,
  use: (store: BlobStore) => Promise<Result>,
): Promise<Result> {
  return use(fileStore(options['store']!));
}
