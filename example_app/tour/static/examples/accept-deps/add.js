export let add = (a, b) => {
  return a + b;
};
