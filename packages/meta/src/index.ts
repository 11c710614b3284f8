// The schema as data for the app: what the records are, who may do what with them, how values are
// read, written, checked and calculated, and how a list's state stands in the address bar.

export { ADDRESS_PARTS, checkValue, type Fault, isEmpty } from "./check";
export * from "./conditions";
export * from "./expr";
export * from "./filter";
export * from "./form";
export * from "./format";
export * from "./groups";
export { EntityEnv, typeOfField } from "./names";
export * from "./parse";
export * from "./paths";
export * from "./rights";
export * from "./schema";
export * from "./view";
