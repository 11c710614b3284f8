// What the shell says, in the language of the person.
export { t, type Word } from "@megalith/i18n";
