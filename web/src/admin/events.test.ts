import { expect, it } from "vitest";
import { idIn } from "./EventFilter";

it.each([
  ["so_01h455vb4pex5vsknk084sn02q", "so_01h455vb4pex5vsknk084sn02q"],
  [
    " https://example.org/operations/sales-orders/so_01h455vb4pex5vsknk084sn02q?at=1 ",
    "so_01h455vb4pex5vsknk084sn02q",
  ],
  ["  SO-2026-00498 ", "SO-2026-00498"],
  ["", ""],
])("the record in %j is %j", (typed, id) => {
  expect(idIn(typed)).toBe(id);
});
