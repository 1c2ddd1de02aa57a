// V8's flags for a program that lives long.

/**
 * Keeps V8 from enlarging the space for young objects, most of which die at once here: after 2000 requests 73 MiB are
 * resident instead of 84, and 68 with code that is optimized for size (bench memory). CPU stays the same.
 *
 * Call it when most is loaded: Node's own modules are compiled beforehand for the flags that Node was built with, and a
 * module that is loaded under other flags is compiled anew.
 */
export async function limitMemory(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--optimize-for-size');
}
