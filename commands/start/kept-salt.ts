import { join } from "node:path";
import { readOrMakeSecret } from "@model-views/local-services/data-dir.ts";
import { saltSchema } from "@model-views/shared/runtime/config.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/**
 * The salt of viewers' identifiers where the environment gives none: made at the first start and kept beside the data,
 * because with another salt every viewer would be a new one. A start that was killed may have left an empty file. It
 * was never used, so it is written anew.
 *
 * @throws {UsageError} when the file holds something else than a salt.
 */
export async function keptSalt(dataDir: string): Promise<string> {
  const file = join(dataDir, "viewer-id-salt");
  const salt = await readOrMakeSecret(file);
  if (saltSchema.safeParse(salt).success) return salt;
  throw new UsageError(
    `${file} holds no salt of 32 characters or more: take it from a backup, or remove the file, and every viewer is a new one`,
  );
}
