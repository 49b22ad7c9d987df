import { byId, element } from "./elements.ts";

const THEMES = ["system", "light", "dark"] as const;
const KEY = "cre-report-theme";

/** The switch of light and dark, and a button that prints. */
export function showTools(): void {
  const tools = byId("tools");
  const choice = element(
    "select",
    { id: "theme", "aria-label": "Colours" },
    THEMES.map((theme) =>
      element(
        "option",
        { value: theme },
        theme === "system" ? "System" : theme === "light" ? "Light" : "Dark",
      ),
    ),
  );
  choice.value = remembered();
  apply(choice.value);
  choice.addEventListener("change", () => {
    apply(choice.value);
    remember(choice.value);
  });
  const print = element("button", { type: "button" }, "Print");
  print.addEventListener("click", () => window.print());
  tools.append(choice, print);
  tools.hidden = false;
}

function apply(theme: string): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** A page in a frame or of a file may have no storage: then every visit begins with the system's colours. */
function remembered(): string {
  try {
    const theme = localStorage.getItem(KEY);
    return THEMES.find((known) => known === theme) ?? "system";
  } catch {
    return "system";
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    return;
  }
}
