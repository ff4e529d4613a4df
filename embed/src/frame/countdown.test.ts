import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { countdown } from "./countdown";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("it tells every second and ends at nought", () => {
  const told: number[] = [];
  countdown(3, new AbortController().signal, (left) => told.push(left));
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([3, 2, 1, 0]);
});

test("it goes by the clock, as timers sleep in hidden tabs", () => {
  const told: number[] = [];
  countdown(60, new AbortController().signal, (left) => told.push(left));
  vi.setSystemTime(Date.now() + 58_000);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([60, 1]);
});

test("it can be stopped, by hand and with the page", () => {
  const page = new AbortController();
  const told: number[] = [];
  countdown(9, page.signal, (left) => told.push(left))();
  countdown(9, page.signal, (left) => told.push(left));
  page.abort();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([9, 9]);
});
