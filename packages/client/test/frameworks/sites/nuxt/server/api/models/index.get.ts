export default defineEventHandler((event) => {
  const asked = getQuery(event).way;
  return models.filter(({ way }) => way === asked);
});
