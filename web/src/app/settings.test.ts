import { beforeEach, expect, it } from "vitest";
import { fresh, settings, visit, visited } from "./settings";

const place = (path: string) => ({ path, label: path });

beforeEach(() => settings.set(fresh));

it("a place that was visited again stands first and once; the oldest go", () => {
  let list = visited([], place("/a"));
  list = visited(list, place("/b"));
  list = visited(list, place("/a"));
  expect(list.map((one) => one.path)).toEqual(["/a", "/b"]);
  for (let at = 0; at < 40; at++) list = visited(list, place(`/${at}`));
  expect(list).toHaveLength(12);
  expect(list[0]?.path).toBe("/39");
});

it("what was visited is kept for each organisation apart", () => {
  visit("org_1", place("/a"));
  visit("org_2", place("/b"));
  expect(settings.get().recent.org_1?.map((one) => one.path)).toEqual(["/a"]);
});
