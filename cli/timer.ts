/** A command of ours that a machine's own calendar runs. */
export interface Timed {
  /** Of the units: `vigie-NAME.service`, `vigie-NAME.timer`. */
  readonly name: string;
  readonly what: string;
  /** As systemd's calendars write it (systemd.time(7)). */
  readonly calendar: string;
  readonly checkout: string;
  /** After `npm run --silent`. */
  readonly words: readonly string[];
  /** How long it may take, such as `4h`. */
  readonly limit: string;
}

/** A unit for systemd, and where it goes. */
export interface Unit {
  readonly path: string;
  readonly content: string;
}

/** Units for systemd that run a command by itself. `Persistent` makes up for a time at which the machine was off. Pure. */
export function timerUnits({ name, what, calendar, checkout, words, limit }: Timed): Unit[] {
  const path = (kind: string): string => `/etc/systemd/system/vigie-${name}.${kind}`;
  const text = (...lines: string[]): string => [...lines, ""].join("\n");
  return [
    {
      path: path("service"),
      content: text(
        "[Unit]",
        `Description=${what}`,
        "After=network-online.target docker.service",
        "Wants=network-online.target",
        "",
        "[Service]",
        "Type=oneshot",
        `WorkingDirectory=${checkout}`,
        `ExecStart=/usr/bin/env npm run --silent ${words.join(" ")}`,
        "Nice=10",
        `TimeoutStartSec=${limit}`,
      ),
    },
    {
      path: path("timer"),
      content: text(
        "[Unit]",
        `Description=${what}, by itself`,
        "",
        "[Timer]",
        `OnCalendar=${calendar}`,
        "Persistent=true",
        "RandomizedDelaySec=10m",
        "",
        "[Install]",
        "WantedBy=timers.target",
      ),
    },
  ];
}

/** What is typed once the units are written. */
export const enabling = (name: string): string =>
  `Write both, then: sudo systemctl daemon-reload && sudo systemctl enable --now vigie-${name}.timer`;
