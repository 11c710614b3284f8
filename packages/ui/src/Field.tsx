// Fields of a form: a visible label, a hint, and the error in place.

import { ChevronDown, CircleAlert } from "lucide-react";
import {
  createContext,
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { classes } from "./classes";
import styles from "./Field.module.css";
import { formatNumber, parseNumber } from "./number";
import { useLabels, useUi } from "./UiProvider";

export interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean | undefined;
  /** Says that it may stay empty; where most fields must be filled. */
  optional?: boolean | undefined;
}

/** What a control in a row must carry so that it is known by the row's label, hint and error. */
export interface RowIds {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
  "aria-required": true | undefined;
}

const Bare = createContext(false);

/** Fields whose labels are seen elsewhere, such as in the head of a table: only heard here. */
export function BareFields({ children }: { children: ReactNode }): ReactNode {
  return <Bare value={true}>{children}</Bare>;
}

/** A labelled row of a form around any control. */
export function FormRow({
  label,
  hint,
  error,
  required,
  optional,
  children,
}: FieldProps & { children: (ids: RowIds) => ReactNode }): ReactNode {
  const id = useId();
  const labels = useLabels();
  const bare = useContext(Bare);
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label
        className={classes(styles.label, bare && styles.heard)}
        data-required={required || undefined}
        htmlFor={id}
      >
        {label}
        {optional && <span className={styles.quiet}>{labels.optional}</span>}
      </label>
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
        "aria-required": required ? true : undefined,
      })}
      {hint && (
        <div className={styles.hint} id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <div className={styles.error} id={`${id}-error`}>
          <CircleAlert aria-hidden="true" />
          <span>{error}</span>
        </div>
      )}
    </div>
  );
}

/** Fields that belong together, under a title, in as many columns as fit. */
export function FieldGroup({
  title,
  narrow = false,
  children,
}: {
  title?: string;
  /** One below the other. */
  narrow?: boolean;
  children: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div role="group" aria-labelledby={title ? id : undefined} className={styles.group}>
      {title && (
        <div className={styles.legend} id={id}>
          {title}
        </div>
      )}
      <div className={classes(styles.columns, narrow && styles.narrow)}>{children}</div>
    </div>
  );
}

type Input = Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value" | "required">;

interface TextFieldProps extends FieldProps, Input {
  value: string;
  onChange: (value: string) => void;
  /** Before and after what is typed: a sign, a unit. */
  start?: ReactNode;
  end?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

export function TextField({
  label,
  hint,
  error,
  required,
  optional,
  value,
  onChange,
  start,
  end,
  className,
  ...rest
}: TextFieldProps): ReactNode {
  return (
    <FormRow {...{ label, hint, error, required, optional }}>
      {(ids) => (
        <div className={styles.box}>
          {start && <span className={styles.affix}>{start}</span>}
          <input
            dir="auto"
            {...rest}
            {...ids}
            className={classes(styles.input, className)}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          {end && <span className={styles.affix}>{end}</span>}
        </div>
      )}
    </FormRow>
  );
}

/** Text of several lines. */
export function TextArea({
  label,
  hint,
  error,
  required,
  optional,
  value,
  onChange,
  ...rest
}: FieldProps &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange" | "value" | "required"> & {
    value: string;
    onChange: (value: string) => void;
  }): ReactNode {
  return (
    <FormRow {...{ label, hint, error, required, optional }}>
      {(ids) => (
        <div className={styles.box}>
          <textarea
            dir="auto"
            rows={3}
            {...rest}
            {...ids}
            className={styles.input}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        </div>
      )}
    </FormRow>
  );
}

interface NumberFieldProps extends FieldProps, Input {
  /** A decimal text such as `1234.50`; empty for none. */
  value: string;
  onChange: (value: string) => void;
  /** Digits after the sign that are always shown. */
  places?: number;
  end?: ReactNode;
  start?: ReactNode;
}

/** What is typed stays as typed until the field is left; then it is shown as the locale writes it. */
function useNumberText(value: string, places: number | undefined, onChange: (v: string) => void) {
  const { locale } = useUi();
  const shown = value === "" ? "" : formatNumber(value, locale, places);
  const [typed, setTyped] = useState<string | null>(null);
  const last = useRef(value);
  useEffect(() => {
    // A value from outside wins over what was being typed.
    if (value !== last.current) setTyped(null);
    last.current = value;
  }, [value]);
  return {
    value: typed ?? shown,
    onChange: (text: string) => {
      setTyped(text);
      const parsed = text.trim() === "" ? "" : parseNumber(text, locale);
      if (parsed !== null && parsed !== value) {
        last.current = parsed;
        onChange(parsed);
      }
    },
    isWrong: typed !== null && typed.trim() !== "" && parseNumber(typed, locale) === null,
    onBlur: () => {
      if (typed !== null && (typed.trim() === "" || parseNumber(typed, locale) !== null)) {
        setTyped(null);
      }
    },
  };
}

export function NumberField({
  value,
  onChange,
  places,
  error,
  ...rest
}: NumberFieldProps): ReactNode {
  const { labels } = useUi();
  const text = useNumberText(value, places, onChange);
  return (
    <TextField
      inputMode="decimal"
      dir="ltr"
      autoComplete="off"
      {...rest}
      className={styles.number}
      error={text.isWrong ? (error ?? labels.errors.invalid.text) : error}
      value={text.value}
      onChange={text.onChange}
      onBlur={text.onBlur}
    />
  );
}

/** An amount with its currency, which is chosen beside it or stands fixed. */
export function MoneyField({
  amount,
  currency,
  currencies,
  currencyLabel,
  onChange,
  ...rest
}: Omit<NumberFieldProps, "value" | "onChange" | "end"> & {
  amount: string;
  currency: string;
  currencies?: string[];
  /** The name of the choice beside it. */
  currencyLabel?: string;
  onChange: (amount: string, currency: string) => void;
}): ReactNode {
  return (
    <NumberField
      places={placesOf(currency)}
      {...rest}
      value={amount}
      onChange={(value) => onChange(value, currency)}
      end={
        currencies && currencies.length > 1 ? (
          <select
            className={styles.code}
            aria-label={currencyLabel}
            value={currency}
            onChange={(event) => onChange(amount, event.target.value)}
          >
            {currencies.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        ) : (
          currency
        )
      }
    />
  );
}

/** The digits that a currency has after its sign. */
export function placesOf(currency: string): number {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** A day, as `2026-01-31`. The browser's own field knows each country's order and picker. */
export function DateField(
  props: Omit<TextFieldProps, "type" | "start" | "end" | "dir">,
): ReactNode {
  return <TextField {...props} type="date" />;
}

interface SelectProps
  extends FieldProps,
    Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange" | "value" | "required"> {
  value: string;
  options: { value: string; label: string; disabled?: boolean }[];
  onChange: (value: string) => void;
}

export function Select({
  label,
  hint,
  error,
  required,
  optional,
  value,
  options,
  onChange,
  ...rest
}: SelectProps): ReactNode {
  return (
    <FormRow {...{ label, hint, error, required, optional }}>
      {(ids) => (
        <div className={styles.box}>
          <select
            {...rest}
            {...ids}
            className={classes(styles.input, styles.select)}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value} disabled={option.disabled}>
                {option.label}
              </option>
            ))}
          </select>
          <ChevronDown className={styles.chevron} aria-hidden="true" />
        </div>
      )}
    </FormRow>
  );
}

interface CheckProps {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  /** Some of what it stands for is chosen. */
  mixed?: boolean;
  disabled?: boolean;
  /** -1 where keys of what it stands in do the same. */
  tabIndex?: number;
  onChange: (checked: boolean) => void;
}

export function Checkbox({
  label,
  hint,
  checked,
  mixed = false,
  disabled,
  tabIndex,
  onChange,
}: CheckProps): ReactNode {
  const box = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (box.current) box.current.indeterminate = mixed;
  }, [mixed]);
  return (
    <label className={styles.check}>
      <input
        ref={box}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        tabIndex={tabIndex}
        aria-describedby={hint ? id : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <Caption label={label} hint={hint} id={id} />
    </label>
  );
}

/** What stands beside a checkbox or a switch; `id` is that of the hint. */
function Caption({
  label,
  hint,
  id,
}: Pick<CheckProps, "label" | "hint"> & { id: string }): ReactNode {
  return (
    <span>
      {label}
      {hint && (
        <span className={styles.hint} id={id} style={{ display: "block" }}>
          {hint}
        </span>
      )}
    </span>
  );
}

/** Takes effect at once, where a checkbox waits for its form. */
export function Switch({ label, hint, checked, disabled, onChange }: CheckProps): ReactNode {
  const id = useId();
  return (
    <label className={classes(styles.check, styles.switch)}>
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? id : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <Caption label={label} hint={hint} id={id} />
    </label>
  );
}
