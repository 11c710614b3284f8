// Parts of a page that are files of their own, fetched when they are first shown. Where one does
// not come, the page around it stays: a dialog is closed and the reason said, so that it can be
// asked for again; what cannot be closed is asked for again until it comes.

import { type ComponentType, type ReactNode, useEffect, useRef, useState } from "react";
import { toast } from "./toasts";
import { useLabels } from "./UiProvider";

const RETRY_MS = 3_000;

export interface Later<Props> {
  (props: Props): ReactNode;
  /** Fetches it ahead; where it does not come now, it is fetched when it is shown. */
  preload: () => Promise<void>;
}

/** A component that `load` brings; `waiting` stands in its place until then. */
export function later<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  waiting: ReactNode = null,
): Later<Props> {
  let loaded: ComponentType<Props> | null = null;
  const bring = async () => {
    const part = await load();
    loaded = part.default;
  };

  function Part(props: Props): ReactNode {
    const [Loaded, setLoaded] = useState(() => loaded);
    const { partAway } = useLabels();
    const latest = useRef<{ onClose?: () => void }>(props);
    latest.current = props;
    useEffect(() => {
      if (Loaded) return;
      let isShown = true;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const ask = async () => {
        try {
          await bring();
          if (isShown) setLoaded(() => loaded);
        } catch {
          if (!isShown) return;
          const { onClose } = latest.current;
          if (!onClose) {
            timer = setTimeout(ask, RETRY_MS);
            return;
          }
          toast({ text: partAway, tone: "bad" });
          onClose();
        }
      };
      void ask();
      return () => {
        isShown = false;
        clearTimeout(timer);
      };
    }, [Loaded, partAway]);
    return Loaded ? <Loaded {...props} /> : waiting;
  }
  Part.preload = () => bring().catch(() => {});
  return Part;
}
