import { SECRETS_DIR } from "../../../association/index.ts";

/** Purpose of the key by which a second place and the exporter know each other. */
export const vantageKey = (id: string): string => `vantage/${id}`;

/** The file that holds it, on either side. */
export const vantageKeyFile = (id: string): string => `${SECRETS_DIR}/vantage-${id}`;
