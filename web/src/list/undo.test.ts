import { openPart } from "@megalith/i18n";
import { toasts } from "@megalith/ui";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { Undos } from "./undo";

beforeAll(() => openPart("grid"));
beforeEach(() => {
  for (const one of toasts.get()) toasts.dismiss(one.id);
});

/** Lets what was begun end. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

/** Changes by their names, and which of them were taken back. */
function recorded() {
  const undos = new Undos();
  const done: string[] = [];
  const push = (name: string) =>
    undos.push(name, async () => {
      done.push(name);
      return 0;
    });
  return { undos, done, push };
}

test("the last change is taken back first, once, by key or by notice", async () => {
  const { undos, done, push } = recorded();
  push("one");
  push("two");
  push("three");
  expect(toasts.get().map((one) => one.text)).toEqual(["three"]);
  toasts.undo(toasts.get()[0]?.id ?? 0);
  await settled();
  expect(undos.last()).toBe(true);
  await settled();
  expect(undos.last()).toBe(true);
  await settled();
  expect(undos.last()).toBe(false);
  expect(done).toEqual(["three", "two", "one"]);
});

test("what is still being sent is the last: the key waits for it, and presses are not lost", async () => {
  const { undos, done, push } = recorded();
  push("one");
  let arrive = () => {};
  const sent = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  undos.during(sent.then(() => push("two")));
  expect(undos.last()).toBe(true);
  expect(undos.last()).toBe(true);
  await settled();
  expect(done).toEqual([]);
  arrive();
  await settled();
  expect(done).toEqual(["two", "one"]);
});

test("what could not be taken back stays to be tried again, and is said", async () => {
  const undos = new Undos();
  let tries = 0;
  undos.push("one", async () => {
    tries += 1;
    if (tries === 1) throw new Error("away");
    return 2;
  });
  undos.last();
  await settled();
  expect(toasts.get()[0]?.tone).toBe("bad");
  undos.last();
  await settled();
  expect(toasts.get()[0]?.text).toContain("2 changes stay");
  expect(undos.last()).toBe(false);
});
