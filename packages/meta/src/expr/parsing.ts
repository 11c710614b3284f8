// Reading an expression without knowing its fields: what a form needs to say that a text is one.

export { Mistake } from "./error";
export { parse } from "./parser";
