import { FeatureError } from '../feature-error.js';

/** Checks options of one function; what is thrown names the function, the option, its value, the rule and what to do. */
export class OptionRules {
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  integer(name: string, value: number, minimum: number, maximum: number): void {
    const isFine = Number.isInteger(value) && value >= minimum && value <= maximum;
    this.require(name, value, isFine, `a whole number of ${minimum} to ${maximum}`);
  }

  number(name: string, value: number, minimum: number, maximum: number): void {
    const [low, high] = [minimum, maximum].map((bound) => bound.toLocaleString('en-US'));
    this.require(name, value, value >= minimum && value <= maximum, `a number of ${low} to ${high}`);
  }

  require(name: string, value: unknown, isFine: boolean, rule: string, advice = 'set it within these limits'): void {
    if (!isFine) throw this.broken(name, value, rule, advice);
  }

  broken(name: string, value: unknown, rule: string, advice: string): FeatureError {
    const message = `${this.#where}: ${name} is ${String(value)}, expected ${rule}; ${advice}`;
    return new FeatureError('INVALID_OPTION', message, { option: name, value, rule });
  }
}
