/** SQL: by what `erased_viewers` knows the viewer whose identifier this text expression gives. */
export function viewerHash(identifier: string): string {
  return `sha256(convert_to(${identifier}, 'UTF8'))`;
}
