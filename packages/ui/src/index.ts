// The component library. What the first screen needs is here; the grid, the palette and the
// combobox are beside it (`@megalith/ui/grid`, `/palette`, `/combobox`), so that they load late.
export { AppShell, type AppShellProps, type BottomItem, NavItem, NavSection } from "./AppShell";
export {
  Button,
  type ButtonProps,
  IconButton,
  type IconButtonProps,
  Kbd,
  keyNames,
} from "./Button";
export { classes } from "./classes";
export { copyText } from "./copy";
export { Dialog, type DialogProps, SidePanel } from "./Dialog";
export {
  BareFields,
  Checkbox,
  DateField,
  FieldGroup,
  type FieldProps,
  FormRow,
  MoneyField,
  NumberField,
  placesOf,
  type RowIds,
  Select,
  Switch,
  TextArea,
  TextField,
} from "./Field";
export { defaultLabels, type ErrorKind, type Labels } from "./labels";
export { type Later, later } from "./later";
export { Mark } from "./Mark";
export { Menu, type MenuChoice, type MenuEntry, preloadOverlays } from "./Menu";
export { formatNumber, parseNumber } from "./number";
export { isPassing, kindOf, type ProblemLike, problemWords } from "./problem";
export {
  Avatar,
  Breadcrumb,
  Callout,
  Chip,
  EmptyState,
  ErrorState,
  Hidden,
  initials,
  Progress,
  Skeleton,
  StatusDot,
  type Tone,
  useSlow,
} from "./Sign";
export { Tabs, tabAfter } from "./Tabs";
export { Tooltip, tip } from "./Tooltip";
export { Toasts, toast, toasts } from "./toasts";
export { pageNonce, type Ui, UiProvider, useLabels, useUi } from "./UiProvider";
