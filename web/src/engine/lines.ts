// What the keys do in lines: as in a spreadsheet, the same on every system.

type LineAct =
  | { readonly act: "fill" }
  | { readonly act: "double" }
  | { readonly act: "remove" }
  | { readonly act: "move"; readonly by: 1 | -1 }
  | { readonly act: "go"; readonly by: 1 | -1; readonly on: "column" | "next" };

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** What a key does in a cell; null for what the field itself does with it. */
export function lineAct(
  event: Pressed,
  cell: "line" | "lines" | "combobox" | "open",
): LineAct | null {
  const { key, altKey, shiftKey } = event;
  const isChord = event.ctrlKey || event.metaKey;
  if (isChord && !altKey) {
    if (key.toLowerCase() === "d") return shiftKey ? { act: "double" } : { act: "fill" };
    if (key === "Backspace" && shiftKey) return { act: "remove" };
    return null;
  }
  if (altKey && !isChord) {
    if (key === "ArrowDown") return { act: "move", by: 1 };
    return key === "ArrowUp" ? { act: "move", by: -1 } : null;
  }
  if (isChord || altKey || cell === "open") return null;
  if (key === "Enter") {
    if (cell === "lines" && shiftKey) return null;
    return { act: "go", by: shiftKey ? -1 : 1, on: shiftKey ? "column" : "next" };
  }
  if (cell !== "line" || shiftKey) return null;
  if (key === "ArrowDown") return { act: "go", by: 1, on: "column" };
  return key === "ArrowUp" ? { act: "go", by: -1, on: "column" } : null;
}
