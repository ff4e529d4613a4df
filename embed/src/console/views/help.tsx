/** The keys, and how to change them; language and colours of this browser. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { COMMANDS, DEFAULTS, keyOf, remapped, type Command } from "../keymap";
import { keepLanguage, language, LANGUAGES, named, speak, t, type Language } from "../say";
import { areKeysOn, keymap, setKeymap, setKeysOn, setTheme, start, theme } from "../settings";
import { Button, Check, Choice, Dialog } from "../parts/ui";

export function Help(props: { onClose: () => void }): JSX.Element {
  const [asked, setAsked] = useState<Command | null>(null);
  return (
    <Dialog title={t("help.title")} onClose={props.onClose} class="help">
      <div class="fields">
        <Choice
          label={t("help.language")}
          value={language.value}
          options={Object.entries(LANGUAGES)}
          onChange={(wanted) => {
            keepLanguage(wanted as Language);
            void speak(wanted as Language, start.catalogues);
          }}
        />
        <Choice label={t("help.theme")} value={theme.value} options={(["auto", "light", "dark"] as const).map((one) => [one, named("theme", one)] as const)} onChange={(wanted) => setTheme(wanted as "auto" | "light" | "dark")} />
      </div>
      <Check label={t("help.keys_on")} hint={t("help.keys_hint")} isOn={areKeysOn.value} onChange={setKeysOn} />
      <h3>{t("help.keys")}</h3>
      <ul class="keys">
        {COMMANDS.map((command) => (
          <li key={command}>
            <span>{named("command", command)}</span>
            <button
              type="button"
              class="key"
              aria-label={asked === command ? t("help.press") : t("help.change", { what: named("command", command), key: keymap.value[command] })}
              aria-pressed={asked === command}
              onClick={() => setAsked(command)}
              onBlur={() => setAsked(null)}
              onKeyDown={(press) => {
                if (asked !== command) return;
                if (press.key === "Escape") {
                  press.stopPropagation();
                  press.preventDefault();
                  setAsked(null);
                  return;
                }
                const key = keyOf(press);
                if (key === null) return;
                press.preventDefault();
                setKeymap(remapped(keymap.value, command, key));
                setAsked(null);
              }}
            >
              {asked === command ? t("help.press") : <kbd dir="ltr">{keymap.value[command]}</kbd>}
            </button>
          </li>
        ))}
      </ul>
      <p class="tools">
        <Button onClick={() => setKeymap(DEFAULTS)}>{t("help.reset")}</Button>
      </p>
      <p class="hint">{t("help.lists")}</p>
    </Dialog>
  );
}
