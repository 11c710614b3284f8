import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Entity } from "../app/catalog";
import { SearchBox } from "./SearchBox";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const entity = { name: "yard.stone", label_plural: "Stones" } as Entity;

it("what is typed while the list is slow stays, and is asked for", () => {
  const asked: string[] = [];
  const box = (q: string) => (
    <SearchBox entity={entity} q={q} onChange={(words) => asked.push(words)} />
  );
  const { rerender } = render(box(""));
  const field = screen.getByRole<HTMLInputElement>("searchbox");
  fireEvent.change(field, { target: { value: "kettle" } });
  vi.advanceTimersByTime(200);
  expect(asked).toEqual(["kettle"]);
  fireEvent.keyDown(field, { key: "Escape" });
  expect(field.value).toBe("");
  // Only now the list shows what was asked for before.
  rerender(box("kettle"));
  expect(field.value).toBe("");
  vi.advanceTimersByTime(200);
  expect(asked).toEqual(["kettle", ""]);
  rerender(box(""));
  // The way back of the browser, or a saved view.
  rerender(box("pot"));
  expect(field.value).toBe("pot");
});
