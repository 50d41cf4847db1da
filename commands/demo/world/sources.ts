import { pickerOf } from "./pick.ts";

/** How a visit came to the website. */
export type Source = {
  weight: number;
  /** Address of the page before. */
  referrer?: string;
  referrerHost?: string;
  utmSource?: string;
  utmMedium?: string;
  utmCampaign?: string;
};

const from = (weight: number, referrerHost: string, more: Omit<Source, "weight"> = {}): Source => ({
  weight,
  referrer: `https://${referrerHost}/`,
  referrerHost,
  ...more,
});

/** Every day's. */
export const SOURCES: readonly Source[] = [
  { weight: 38 },
  from(24, "google.com"),
  from(12, "instagram.com"),
  from(3, "bing.com"),
  from(2.5, "duckduckgo.com"),
  from(5, "pinterest.com"),
  from(4, "tiktok.com"),
  from(3, "facebook.com"),
  from(2, "models.example"),
  from(1.5, "castingboard.example"),
  from(1, "chatgpt.com"),
  from(0.7, "ecosia.org"),
];

/** On Thursdays. */
export const NEWSLETTER: Source = {
  weight: 0,
  utmSource: "newsletter",
  utmMedium: "email",
  utmCampaign: "thursday-letter",
};

export const CAMPAIGN: readonly Source[] = [
  from(6, "instagram.com", {
    utmSource: "instagram",
    utmMedium: "paid_social",
    utmCampaign: "every-body-autumn",
  }),
  from(3, "facebook.com", {
    utmSource: "facebook",
    utmMedium: "paid_social",
    utmCampaign: "every-body-autumn",
  }),
  from(2, "google.com", { utmSource: "google", utmMedium: "cpc", utmCampaign: "every-body-autumn" }),
];

/** The post that made a model go viral, and those who share it. */
export const VIRAL_SOURCES: readonly Source[] = [
  from(10, "tiktok.com"),
  from(8, "instagram.com"),
  { weight: 4 },
  from(3, "google.com"),
  from(1, "reddit.com"),
];

/** The blog that linked once. */
export const BLOG: Source = from(0, "the-lookbook.example");

export const pickSource = pickerOf(SOURCES);
export const pickCampaign = pickerOf(CAMPAIGN);
export const pickViralSource = pickerOf(VIRAL_SOURCES);
