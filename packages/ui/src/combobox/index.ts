// Finds a record while one types.
export { Combobox, type ComboboxProps, type Option } from "./Combobox";
