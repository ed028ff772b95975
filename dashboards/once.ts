/**
 * A function of two objects that never change, which makes its answer once for each pair of them: what is said of a service in a
 * language, for instance. The answer goes when one of them does.
 */
export function once<A extends object, B extends object, Made>(make: (a: A, b: B) => Made): (a: A, b: B) => Made {
  const known = new WeakMap<A, WeakMap<B, { readonly made: Made }>>();
  return (a, b) => {
    const ofA = known.get(a) ?? new WeakMap<B, { readonly made: Made }>();
    const before = ofA.get(b);
    if (before !== undefined) return before.made;
    const made = make(a, b);
    known.set(a, ofA.set(b, { made }));
    return made;
  };
}

/**
 * Makes pieces of a page, each anew only when what it shows is no longer what it was made of: one service of a thousand changes its
 * mind, and the others' pieces stay. A model is compared field by field, objects by identity: they must not be changed once shown.
 * A piece has its place in something (an inventory), and goes with it.
 */
export function pieces<Model extends object, Made>(make: (model: Model) => Made) {
  const known = new WeakMap<object, Map<string, { readonly model: Model; readonly made: Made }>>();
  return (within: object, place: string, model: Model): Made => {
    const places = known.get(within) ?? new Map<string, { readonly model: Model; readonly made: Made }>();
    const before = places.get(place);
    if (before !== undefined && isSame(before.model, model)) return before.made;
    const made = make(model);
    known.set(within, places.set(place, { model, made }));
    return made;
  };
}

function isSame<Model extends object>(a: Model, b: Model): boolean {
  for (const name in b) if (a[name] !== b[name]) return false;
  for (const name in a) if (!(name in b)) return false;
  return true;
}
