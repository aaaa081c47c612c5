/** A service of the tests: tells the page which node it was started on. */
export function start(node) {
  globalThis.serviceStarted(node.id);
}
