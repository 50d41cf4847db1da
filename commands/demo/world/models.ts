import { seededRandom, seededUuid } from "@model-views/lab/random.ts";
import { newcomerSince } from "./events.ts";
import type { World } from "./world.ts";

/** A model of the demo: fictional, with a stage name. */
export type DemoModel = { id: string; name: string; category: string; slug: string };

/** The names in the order of popularity within their category. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  women: [
    "Amara Lindqvist",
    "Noor Castellan",
    "Ines Valverde",
    "Yuki Aramori",
    "Zofia Brandt",
    "Thandi Maseko",
    "Leonie Hartwig",
    "Priya Ranganath",
    "Camille Dorval",
    "Saoirse Kinsella",
    "Aylin Demirkan",
    "Malin Ostergaard",
    "Beatriz Folha",
    "Hana Jeong",
    "Ottilie Verne",
    "Nayeli Cordero",
  ],
  men: [
    "Mateo Arriaga",
    "Kofi Asante-Bell",
    "Jonas Wexler",
    "Idris Okonjo",
    "Luca Ferrand",
    "Ryo Takemori",
    "Emre Solak",
    "Caspian Holt",
    "Tomasz Wilk",
    "Andre Baptiste",
    "Viggo Stenmark",
    "Arjun Mehrotra",
    "Elias Haddad",
  ],
  "new faces": [
    "Juno Abernathy",
    "Wren Adeyemi",
    "Pilar Montes",
    "Sanne de Wilde",
    "Milo Petrakis",
    "Freya Nakagawa",
    "Lior Ben-Ami",
    "Tuva Ekelund",
    "Nilo Amaral",
    "Esme Fairweather",
  ],
  curve: [
    "Delphine Okafor",
    "Marisol Quintana",
    "Greta Vanhove",
    "Nia Holloway",
    "Roksana Maj",
    "Tess Ardagh",
    "Leilani Kahale",
    "Adaeze Nwosu",
  ],
  classic: [
    "Ingrid Solberg",
    "Marguerite Lacombe",
    "Henrik Aalto",
    "Yvonne Mbeki",
    "Rafael Sorolla",
    "Mei-Ling Zhao",
    "August Reinholt",
  ],
  hands: ["Clara Pinheiro", "Soren Kjaer", "Anjali Varma", "Felix Orsini", "Mina Kuroda", "Odette Marchand"],
};

/** How much of the website's attention each category gets. */
const CATEGORY_WEIGHTS: Readonly<Record<string, number>> = {
  women: 1,
  men: 0.7,
  "new faces": 0.55,
  curve: 0.6,
  classic: 0.4,
  hands: 0.18,
};

/** The n-th of a category has a weight of n to the power of minus this. */
const SKEW = 0.7;
const MODELS_SEED = 2_026;

/** Every model, each with the same id each time. */
export const MODELS: readonly DemoModel[] = makeModels();
export const CATEGORIES = Object.keys(NAMES);

/** The models that something happens to: see events.ts. */
export const VIRAL = named("Wren Adeyemi");
export const FADING = named("Noor Castellan");
export const NEWCOMER = named("Esme Fairweather");
export const LINKED = named("Ingrid Solberg");
export const SUSPECTED = named("Jonas Wexler");
/** Those that the campaign shows, in the order of its pictures. */
export const ADVERTISED = ["Delphine Okafor", "Marisol Quintana", "Nia Holloway"].map(named);

/** How much attention each model gets without events, in the order of {@link MODELS}. */
export const POPULARITY: readonly number[] = CATEGORIES.flatMap((category) =>
  (NAMES[category] ?? []).map((_, index) => (CATEGORY_WEIGHTS[category] ?? 0) / (index + 1) ** SKEW),
);

/** When the website made the model: long before the first view, but for the newcomer. */
export function createdAt(world: World, model: DemoModel): Date {
  if (model === NEWCOMER) return newcomerSince(world);
  const daysBefore = 30 + ((MODELS.indexOf(model) * 37) % 900);
  return new Date(world.start.getTime() - daysBefore * 86_400_000);
}

function makeModels(): DemoModel[] {
  const random = seededRandom(MODELS_SEED);
  return Object.entries(NAMES).flatMap(([category, names]) =>
    names.map((name) => ({
      id: seededUuid(random),
      name,
      category,
      slug: name.toLowerCase().replaceAll(" ", "-"),
    })),
  );
}

function named(name: string): DemoModel {
  const found = MODELS.find((model) => model.name === name);
  if (found === undefined) throw new Error(`the demo has no model ${name}`);
  return found;
}
