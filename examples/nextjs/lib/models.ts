/** The agency's categories, in the order of its menu; `slug` is the address, `name` is the category in the stats API. */
export const CATEGORIES = [
  { slug: "women", name: "Women", line: "Runway, campaign, cover." },
  { slug: "men", name: "Men", line: "Tailoring, sport, and everything between." },
  { slug: "new-faces", name: "New faces", line: "Scouted this year. Book them while you can." },
] as const;

export type Category = (typeof CATEGORIES)[number];

/** How a model's portrait is drawn. */
export type Look = {
  /** Colours of the background: the wall, and the light on it. */
  wall: string;
  light: string;
  skin: string;
  hair: string;
  cut: "bob" | "bun" | "crop" | "curls" | "fringe" | "long" | "parted" | "shaved" | "waves";
  clothes: string;
  collar: "boat" | "coat" | "roll" | "shirt" | "straps";
  lips: string;
  /** Looks to the other side. */
  turned?: boolean;
};

export type Model = {
  /** Identifies the model in model-views; never changes. */
  id: string;
  slug: string;
  name: string;
  category: Category["slug"];
  base: string;
  /** Centimetres. */
  height: number;
  eyes: string;
  hair: string;
  /** European sizes. */
  shoes: number;
  line: string;
  look: Look;
};

export const MODELS: readonly Model[] = [
  {
    id: "0190a9e0-0000-7000-8000-000000000001",
    slug: "anais-okafor",
    name: "Anaïs Okafor",
    category: "women",
    base: "Paris",
    height: 179,
    eyes: "Dark brown",
    hair: "Black",
    shoes: 40,
    line: "Walks as if the music were hers.",
    look: {
      wall: "#d9a441",
      light: "#f0c86b",
      skin: "#7a4a30",
      hair: "#17110f",
      cut: "bun",
      clothes: "#1f3d36",
      collar: "straps",
      lips: "#8f2f2b",
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-000000000002",
    slug: "liv-soerensen",
    name: "Liv Sørensen",
    category: "women",
    base: "Copenhagen",
    height: 177,
    eyes: "Grey",
    hair: "Ash blonde",
    shoes: 39,
    line: "Quiet in the studio, loud in the picture.",
    look: {
      wall: "#8fa9a6",
      light: "#c4d4cf",
      skin: "#e9c3a8",
      hair: "#cfae77",
      cut: "bob",
      clothes: "#2c3440",
      collar: "roll",
      lips: "#b8564f",
      turned: true,
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-000000000003",
    slug: "mei-tanaka",
    name: "Mei Tanaka",
    category: "women",
    base: "Tokyo",
    height: 175,
    eyes: "Brown",
    hair: "Black",
    shoes: 38,
    line: "Twelve covers, and none of them alike.",
    look: {
      wall: "#b4453a",
      light: "#d9694f",
      skin: "#edcbaa",
      hair: "#14121a",
      cut: "fringe",
      clothes: "#efe6da",
      collar: "boat",
      lips: "#9c2a2a",
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-000000000004",
    slug: "carmen-valdes",
    name: "Carmen Valdés",
    category: "women",
    base: "Madrid",
    height: 180,
    eyes: "Green",
    hair: "Chestnut",
    shoes: 41,
    line: "Can sell you a coat in August.",
    look: {
      wall: "#4d6a8a",
      light: "#86a0ba",
      skin: "#cf9a73",
      hair: "#4a2618",
      cut: "waves",
      clothes: "#c2763e",
      collar: "coat",
      lips: "#a13d3a",
      turned: true,
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-000000000005",
    slug: "idris-bello",
    name: "Idris Bello",
    category: "men",
    base: "London",
    height: 190,
    eyes: "Black",
    hair: "Shaved",
    shoes: 45,
    line: "Made for tailoring, and the other way round.",
    look: {
      wall: "#5b7355",
      light: "#93a97f",
      skin: "#5a3524",
      hair: "#1a1210",
      cut: "shaved",
      clothes: "#e4ddd0",
      collar: "coat",
      lips: "#4c2720",
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-000000000006",
    slug: "jonas-brandt",
    name: "Jonas Brandt",
    category: "men",
    base: "Berlin",
    height: 187,
    eyes: "Blue",
    hair: "Dark blond",
    shoes: 44,
    line: "Was an architect for a week.",
    look: {
      wall: "#c9bfae",
      light: "#e6dfd1",
      skin: "#e3b596",
      hair: "#7d5c38",
      cut: "parted",
      clothes: "#27303d",
      collar: "shirt",
      lips: "#c48b79",
      turned: true,
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-000000000007",
    slug: "rafael-moreira",
    name: "Rafael Moreira",
    category: "men",
    base: "Lisbon",
    height: 186,
    eyes: "Hazel",
    hair: "Dark brown",
    shoes: 43,
    line: "Surfs before the call, never late for it.",
    look: {
      wall: "#2f6c78",
      light: "#6ba3a6",
      skin: "#b97f57",
      hair: "#231712",
      cut: "curls",
      clothes: "#d8cbb4",
      collar: "boat",
      lips: "#93593f",
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-000000000008",
    slug: "kenji-arai",
    name: "Kenji Arai",
    category: "men",
    base: "Osaka",
    height: 184,
    eyes: "Brown",
    hair: "Black",
    shoes: 43,
    line: "One look, and the set goes silent.",
    look: {
      wall: "#3b3a40",
      light: "#6d6a70",
      skin: "#e2b78f",
      hair: "#131217",
      cut: "crop",
      clothes: "#8e2f26",
      collar: "roll",
      lips: "#bb8467",
      turned: true,
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-000000000009",
    slug: "noor-haddad",
    name: "Noor Haddad",
    category: "new-faces",
    base: "Beirut",
    height: 176,
    eyes: "Amber",
    hair: "Black",
    shoes: 39,
    line: "Scouted between two lectures on optics.",
    look: {
      wall: "#7b3f5c",
      light: "#b0748c",
      skin: "#d6a57d",
      hair: "#1b1214",
      cut: "long",
      clothes: "#e0b04c",
      collar: "boat",
      lips: "#8e3038",
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-00000000000a",
    slug: "tilda-lindqvist",
    name: "Tilda Lindqvist",
    category: "new-faces",
    base: "Stockholm",
    height: 178,
    eyes: "Blue",
    hair: "Copper",
    shoes: 40,
    line: "Skates, swims, and does not blink.",
    look: {
      wall: "#33574d",
      light: "#7ba08f",
      skin: "#f0cbb2",
      hair: "#b2542b",
      cut: "waves",
      clothes: "#eadfce",
      collar: "shirt",
      lips: "#b65a50",
      turned: true,
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-00000000000b",
    slug: "mateo-quispe",
    name: "Mateo Quispe",
    category: "new-faces",
    base: "Lima",
    height: 183,
    eyes: "Dark brown",
    hair: "Black",
    shoes: 42,
    line: "Came to deliver flowers, stayed for the casting.",
    look: {
      wall: "#c8643c",
      light: "#e59a6b",
      skin: "#a86b44",
      hair: "#150f0e",
      cut: "long",
      clothes: "#22405c",
      collar: "shirt",
      lips: "#834b36",
      turned: true,
    },
  },
  {
    id: "0190a9e0-0000-7000-8000-00000000000c",
    slug: "sasha-petrov",
    name: "Sasha Petrov",
    category: "new-faces",
    base: "Riga",
    height: 181,
    eyes: "Grey green",
    hair: "Platinum",
    shoes: 42,
    line: "Any wardrobe, every wardrobe.",
    look: {
      wall: "#a7a1c2",
      light: "#d3cfe2",
      skin: "#efd2bd",
      hair: "#e9e0cc",
      cut: "crop",
      clothes: "#1d1d22",
      collar: "straps",
      lips: "#b4575c",
    },
  },
];

export function modelOf(slug: string): Model | undefined {
  return MODELS.find((model) => model.slug === slug);
}

/** `null` is an id of another website's model: several may share one stats API. */
export function modelById(id: string): Model | null {
  return MODELS.find((model) => model.id === id) ?? null;
}

export function categoryOf(slug: string): Category | undefined {
  return CATEGORIES.find((category) => category.slug === slug);
}
