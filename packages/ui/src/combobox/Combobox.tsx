// Finds a record while one types, and makes it if it is not there yet.

import MuiAutocomplete from "@mui/material/Autocomplete";
import { ChevronDown } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type FieldProps, FormRow } from "../Field";
import field from "../Field.module.css";
import { Kit } from "../kit/Kit";
import { useLabels } from "../UiProvider";
import styles from "./Combobox.module.css";

export interface Option {
  id: string;
  label: string;
  hint?: string;
}

const WAIT_MS = 150;

export interface ComboboxProps extends FieldProps {
  value: Option | null;
  onChange: (value: Option | null) => void;
  /** Answers what matches; an aborted search is not shown. */
  search: (text: string, signal: AbortSignal) => Promise<Option[]>;
  /** Makes a new one of what was typed. */
  onCreate?: ((text: string) => void) | undefined;
  placeholder?: string;
  disabled?: boolean;
}

const CREATE = "\u0000create";

export function Combobox({
  label,
  hint,
  error,
  required,
  optional,
  value,
  onChange,
  search,
  onCreate,
  placeholder,
  disabled = false,
}: ComboboxProps): ReactNode {
  const labels = useLabels();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState(value?.label ?? "");
  const [options, setOptions] = useState<Option[]>([]);
  const [busy, setBusy] = useState(false);
  const find = useRef(search);
  find.current = search;

  const asked = value && text === value.label ? "" : text;
  useEffect(() => {
    if (!open) return;
    const stop = new AbortController();
    setBusy(true);
    const timer = setTimeout(() => {
      find
        .current(asked, stop.signal)
        .then((found) => {
          if (!stop.signal.aborted) setOptions(found);
        })
        .catch(() => {
          if (!stop.signal.aborted) setOptions([]);
        })
        .finally(() => {
          if (!stop.signal.aborted) setBusy(false);
        });
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [open, asked]);

  const exact = options.some((option) => option.label.toLowerCase() === asked.toLowerCase());
  const shown: Option[] =
    onCreate && asked.trim() && !exact && !busy
      ? [...options, { id: CREATE, label: asked.trim() }]
      : options;

  return (
    <Kit>
      <FormRow {...{ label, hint, error, required, optional }}>
        {(ids) => (
          <MuiAutocomplete<Option>
            id={ids.id}
            value={value}
            inputValue={text}
            open={open}
            disabled={disabled}
            options={shown}
            loading={busy && options.length === 0}
            loadingText={labels.searching}
            noOptionsText={labels.noMatches}
            clearText={labels.clear}
            filterOptions={(all) => all}
            isOptionEqualToValue={(option, chosen) => option.id === chosen.id}
            getOptionLabel={(option) => option.label}
            getOptionKey={(option) => option.id}
            autoHighlight
            onOpen={() => setOpen(true)}
            onClose={() => setOpen(false)}
            onInputChange={(_, next) => setText(next)}
            onChange={(_, next) => {
              if (next?.id === CREATE) onCreate?.(next.label);
              else onChange(next);
            }}
            renderOption={({ key, ...attributes }, option) => (
              <li key={key} {...attributes}>
                {option.id === CREATE ? (
                  <span className={styles.make}>
                    {labels.create.replace("{text}", option.label)}
                  </span>
                ) : (
                  <span className={styles.option}>
                    <bdi>{option.label}</bdi>
                    {option.hint && <bdi className={styles.hint}>{option.hint}</bdi>}
                  </span>
                )}
              </li>
            )}
            renderInput={(params) => (
              <div className={field.box} ref={params.slotProps.input.ref}>
                <input
                  dir="auto"
                  {...(params.slotProps.htmlInput as object)}
                  {...ids}
                  placeholder={placeholder}
                  className={field.input}
                />
                <ChevronDown className={field.chevron} aria-hidden="true" />
              </div>
            )}
          />
        )}
      </FormRow>
    </Kit>
  );
}
