import { fireEvent, render, screen } from "@testing-library/react";
import { type ReactNode, useState } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Dialog, DialogKit as LaterDialog } from "../Dialog";
import DialogKit from "./DialogKit";
import MenuKit from "./MenuKit";

// What closes fades out while time goes on: here it does not.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Whether a pointer reaches an element: nothing that it stands in says otherwise. */
function takesPointers(element: Element | null): boolean {
  if (!element) return true;
  return getComputedStyle(element).pointerEvents !== "none" && takesPointers(element.parentElement);
}

function OneMenu(): ReactNode {
  const [anchor, setAnchor] = useState<HTMLElement | null>(document.body);
  const items = [{ id: "post", label: "Post", onSelect: () => {} }];
  return (
    <MenuKit id="menu" label="Menu" items={items} anchor={anchor} onClose={() => setAnchor(null)} />
  );
}

function OneDialog(): ReactNode {
  const [open, setOpen] = useState(true);
  const send = (
    <button type="button" onClick={() => setOpen(false)}>
      Post
    </button>
  );
  return <DialogKit open={open} title="Dialog" actions={send} />;
}

it.each([
  ["menu", <OneMenu key="menu" />],
  ["dialog", <OneDialog key="dialog" />],
])("a %s that is closing takes no second press, and neither does its backdrop", (_, part) => {
  render(part);
  const pressed = screen.getByText("Post");
  const backdrop = document.querySelector(".MuiBackdrop-root") as Element;
  expect([pressed, backdrop].map(takesPointers)).toEqual([true, true]);
  fireEvent.click(pressed);
  expect([pressed, backdrop].map((one) => one.isConnected)).toEqual([true, true]);
  expect([pressed, backdrop].map(takesPointers)).toEqual([false, false]);
});

it("a dialog that is closing says what it said", async () => {
  await LaterDialog.preload();
  const { rerender } = render(<Dialog open title="Move" text="To another day" />);
  rerender(<Dialog open={false} title="" />);
  for (const text of ["Move", "To another day"]) {
    expect(screen.getByText(text).isConnected).toBe(true);
  }
});
