// Plugin of TypeDoc. The pages of docs/ take their titles from their first headings and are grouped by folder. The same
// Markdown then reads well in a repository browser and in the site.
import { Converter } from 'typedoc';

const HEADING = /^#\s+(.+?)\s*\n/;

/** Returns the first heading of a page, without its code marks. */
const headingOf = ([first]) => (first?.kind === 'text' ? HEADING.exec(first.text)?.[1] : undefined);

/** Returns the group of a page in the navigation, by its folder. */
function groupOf(path) {
  if (path.includes('/docs/guides/')) return 'Guides';
  if (path.includes('/docs/decisions/')) return 'Decisions';
  return 'Reference';
}

/** Sets the titles and groups. TypeDoc calls it at start. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // The site shows the name of the project above the README, which begins with the same heading.
    const [first] = project.readme ?? [];
    if (first !== undefined) first.text = first.text.replace(HEADING, '');
  });
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    document.name = headingOf(document.content)?.replaceAll('`', '') ?? document.name;
    document.frontmatter.group ??= groupOf(document.project.files.getReflectionPath(document) ?? '');
  });
}
