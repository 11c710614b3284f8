import { expect, test } from "vitest";
import { lineAct } from "./lines";

const press = (text: string) => {
  const parts = text.split("+");
  return {
    key: parts.at(-1) ?? "",
    ctrlKey: parts.includes("Ctrl"),
    metaKey: parts.includes("Meta"),
    altKey: parts.includes("Alt"),
    shiftKey: parts.includes("Shift"),
  };
};

test.each([
  ["Enter", "line", { act: "go", by: 1, on: "next" }],
  ["Enter", "combobox", { act: "go", by: 1, on: "next" }],
  ["Enter", "open", null],
  ["Shift+Enter", "line", { act: "go", by: -1, on: "column" }],
  ["Shift+Enter", "lines", null],
  ["ArrowDown", "line", { act: "go", by: 1, on: "column" }],
  ["ArrowUp", "line", { act: "go", by: -1, on: "column" }],
  ["ArrowDown", "combobox", null],
  ["ArrowDown", "lines", null],
  ["Ctrl+d", "combobox", { act: "fill" }],
  ["Meta+d", "line", { act: "fill" }],
  ["Ctrl+Shift+D", "line", { act: "double" }],
  ["Ctrl+Shift+Backspace", "line", { act: "remove" }],
  ["Ctrl+Backspace", "line", null],
  ["Alt+ArrowDown", "combobox", { act: "move", by: 1 }],
  ["Alt+ArrowUp", "line", { act: "move", by: -1 }],
  ["Ctrl+Enter", "line", null],
  ["a", "line", null],
] as const)("%s in a %s cell", (keys, cell, does) => {
  expect(lineAct(press(keys), cell)).toEqual(does);
});
