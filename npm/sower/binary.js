// Finds the program: SOWER_BINARY, else the one in the package for this system, of which npm installs one.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export function binaryPath() {
  if (process.env.SOWER_BINARY) return process.env.SOWER_BINARY;
  const name = `@sowerdata/sower-${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${name}/bin/sower${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    throw new Error(
      `the package ${name} is not installed: either there is none for this system, or it was left out (--omit=optional, ` +
      "or a lock file that was made on another system). SOWER_BINARY names a program to use in its place.",
    );
  }
}
