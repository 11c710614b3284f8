// The few words that components say by themselves. An app gives them in the reader's language;
// these are what they are without one.

export interface ErrorWords {
  title: string;
  text: string;
}

export interface Labels {
  close: string;
  clear: string;
  undo: string;
  dismiss: string;
  notices: string;
  loading: string;
  optional: string;
  required: string;
  more: string;
  retry: string;
  details: string;
  requestId: string;
  code: string;
  breadcrumb: string;
  skip: string;
  mainMenu: string;
  openMenu: string;
  collapse: string;
  expand: string;
  bottomBar: string;
  noMatches: string;
  /** A part of the page could not be fetched. */
  partAway: string;
  searching: string;
  /** `{text}` stands for what was typed. */
  create: string;
  selectAll: string;
  selectRow: string;
  /** `{rows}` and `{columns}` stand for how many cells a range has. */
  range: string;
  sortAscending: string;
  sortDescending: string;
  clearSort: string;
  hideColumn: string;
  pinHere: string;
  unpin: string;
  moveEarlier: string;
  moveLater: string;
  widen: string;
  narrow: string;
  columnMenu: string;
  total: string;
  copied: string;
  empty: string;
  yes: string;
  no: string;
  palette: string;
  errors: Record<ErrorKind, ErrorWords>;
}

/** What went wrong, as far as it decides what a person can do about it. */
export type ErrorKind =
  | "network"
  | "unauthenticated"
  | "forbidden"
  | "missing"
  | "conflict"
  | "invalid"
  | "unavailable"
  | "unexpected";

export const defaultLabels: Labels = {
  close: "Close",
  clear: "Clear",
  undo: "Undo",
  dismiss: "Dismiss",
  notices: "Notices",
  loading: "Loading",
  optional: "optional",
  required: "required",
  more: "More",
  retry: "Try again",
  details: "Details",
  requestId: "Request",
  code: "Code",
  breadcrumb: "You are here",
  skip: "Skip to content",
  mainMenu: "Main menu",
  openMenu: "Open the menu",
  collapse: "Collapse the sidebar",
  expand: "Expand the sidebar",
  bottomBar: "Quick navigation",
  noMatches: "Nothing matches",
  partAway: "This did not come: the server does not answer. Try again.",
  searching: "Searching",
  create: "Create “{text}”",
  selectAll: "Select all rows",
  selectRow: "Select row",
  range: "{rows} by {columns} cells",
  sortAscending: "Sort ascending",
  sortDescending: "Sort descending",
  clearSort: "Clear sorting",
  hideColumn: "Hide column",
  pinHere: "Keep in sight up to here",
  unpin: "Keep only the first in sight",
  moveEarlier: "Move earlier",
  moveLater: "Move later",
  widen: "Widen",
  narrow: "Narrow",
  columnMenu: "Column options",
  total: "Total",
  copied: "Copied",
  empty: "Empty",
  yes: "Yes",
  no: "No",
  palette: "Commands",
  errors: {
    network: {
      title: "The server does not answer",
      text: "Check the connection. What you typed is still here.",
    },
    unauthenticated: {
      title: "You are signed out",
      text: "Sign in again to go on where you were.",
    },
    forbidden: {
      title: "You may not see this",
      text: "Ask an administrator of your organisation for the right to it.",
    },
    missing: {
      title: "Not found",
      text: "It does not exist, or you may not see it.",
    },
    conflict: {
      title: "Somebody else changed this",
      text: "Look at the present state, then make your change again.",
    },
    invalid: {
      title: "This cannot be done so",
      text: "Correct what is marked and try again.",
    },
    unavailable: {
      title: "The server is busy or starting",
      text: "It will answer in a moment.",
    },
    unexpected: {
      title: "Something went wrong on the server",
      text: "Try again. If it stays, give the request's number to who runs this installation.",
    },
  },
};
