/** What a form does: busy while it is on its way, the refused field named, everything else told. */
import { useRef, useState } from "preact/hooks";
import { Refusal } from "../call";
import { t } from "../say";
import { toast } from "../tell";

export interface Act {
  isBusy: boolean;
  /** Does it; true when it worked. `told` is what is said then. */
  run: (what: () => Promise<unknown>, told?: string) => Promise<boolean>;
  /** What is wrong with a field, in the server's words. */
  error: (field: string) => string | null;
  clear: () => void;
}

export function useAct(): Act {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ field: string; words: string } | null>(null);
  const fields = useRef(new Set<string>());
  // A field the form does not have is told like everything else.
  const isShown = (field: string | null | undefined): boolean => [...fields.current].some((one) => field === one || field?.startsWith(`${one}.`));
  const run = async (what: () => Promise<unknown>, told?: string): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
      if (told) toast(told);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.kind === "offline") toast(t("error.offline"), "bad");
      else if (error instanceof Refusal && isShown(error.problem.field)) setProblem({ field: error.problem.field ?? "", words: error.message });
      else toast(error instanceof Error ? error.message : String(error), "bad");
      return false;
    } finally {
      setBusy(false);
    }
  };
  const error = (field: string): string | null => {
    fields.current.add(field);
    return problem && (problem.field === field || problem.field.startsWith(`${field}.`)) ? problem.words : null;
  };
  return { isBusy, run, error, clear: () => setProblem(null) };
}
