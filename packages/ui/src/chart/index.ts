// Figures and charts, drawn without a library: they load with the page that shows them.
export { type Bar, BarChart } from "./BarChart";
export { BarList, type BarRow } from "./BarList";
export { Figure } from "./Figure";
export { Sparkline } from "./Sparkline";
export { sparkPoints, ticks } from "./scale";
