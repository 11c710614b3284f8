import { beforeEach, expect, it } from "vitest";
import { fresh, isFavourite, settings, toggleFavourite, visit, visited } from "./settings";

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

it("a favourite is put in and taken out", () => {
  expect(toggleFavourite("org_1", place("/a"))).toBe(true);
  expect(isFavourite(settings.get(), "org_1", "/a")).toBe(true);
  expect(isFavourite(settings.get(), "org_2", "/a")).toBe(false);
  expect(toggleFavourite("org_1", place("/a"))).toBe(false);
  expect(settings.get().favourites.org_1).toEqual([]);
});
