// The languages of the app: its words, the words of its records, direction and locale.

export {
  chooseLanguage,
  chooseLocale,
  directionOf,
  LANGUAGES,
  type Language,
  type LanguageTag,
  markDocument,
} from "./languages";
export { translateSchema } from "./schema";
export {
  catalogues,
  libraryWords,
  openPart,
  type Part,
  type PartWord,
  refusal,
  type Say,
  sayOf,
  speak,
  spoken,
  t,
  useWords,
  type Values,
  type Word,
} from "./words";
