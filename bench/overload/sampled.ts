/** Keeps every so manieth of many values, so that there are never more than some. */

const MOST_VALUES = 20_000;

export class Sampled {
  values: number[] = [];
  count = 0;
  #every = 1;

  take(value: number): void {
    if (this.count++ % this.#every !== 0) return;
    this.values.push(value);
    if (this.values.length < MOST_VALUES) return;
    this.values = this.values.filter((_, at) => at % 2 === 0);
    this.#every *= 2;
  }
}
