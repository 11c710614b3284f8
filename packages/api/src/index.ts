// The programming interface of the server: typed client, records, problems, session.

export { type Api, type ApiOptions, createApi } from "./client";
export { keys } from "./keys";
export {
  ApiProblem,
  asProblem,
  type FieldProblem,
  problemOf,
  retryAfter,
  unreachable,
} from "./problem";
export {
  type ApiRecord,
  type Command,
  type Explained,
  type Groups,
  type Hits,
  type ListQuery,
  type Page,
  queryText,
  Records,
  type Results,
  type ViewQuery,
  type WriteOptions,
} from "./records";
export type { components, paths } from "./schema";
export { newKey, type Outside, Sender } from "./send";
export {
  type Access,
  type Invitation,
  type LinkFacts,
  type LoginAnswer,
  type Me,
  type Needs,
  type NewLink,
  type Org,
  type Person,
  Session,
  type SetUp,
} from "./session";
