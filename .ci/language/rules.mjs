/**
 * Rules for the wording of comments, docstrings, error messages, test titles and guides.
 * CONTRIBUTING.md explains them.
 */

/** Stands in a text for code, quotations and addresses, to which no rule applies. */
export const PLACEHOLDER = '■';

/**
 * Returns a regular expression that matches a phrase as whole words, in any case.
 *
 * @param {string} source - Source of the expression; a space in it matches any white space.
 */
const phrase = (source) => new RegExp(`(?<![\\w'-])(?:${source.replaceAll(' ', '\\s+')})(?![\\w-])`, 'giu');

/** Up to two words between the parts of a phrasal verb, as in "hands the event over". */
const GAP = '(?:[\\w■]+ ){0,2}';

/** Subjects after which an infinitive is ordinary English: "the aim is to avoid copies". */
const PURPOSES =
  'aim|aims|alternative|fix|goal|idea|intent|intention|job|option|plan|point|purpose|remedy|solution|task|trick|way|workaround';

/** Verbs after which "what is …" is an ordinary indirect question: "shows what was deleted". */
const ASKING =
  'ask|asks|check|checks|choose|chooses|decide|decides|define|defines|depends on|describe|describes|determine|determines|explain|explains|know|knows|list|lists|no matter|print|prints|say|says|see|sees|show|shows|specify|specifies|state|states';

/**
 * Rules for words: each match in a passage is a finding.
 *
 * `kinds` limits a rule to some kinds of passage.
 *
 * @type {readonly { name: string, pattern: RegExp, advice: string, kinds?: readonly string[] }[]}
 */
export const WORD_RULES = [
  {
    name: 'person',
    pattern: phrase(
      'who|whom|whoever|whomever|whose|nobody|somebody|everybody|anybody|anyone|someone|everyone|no one|he|his|him|himself',
    ),
    advice: 'write the noun that acts (caller, handler, reader, watcher, store, process) instead',
  },
  {
    name: 'docstring-start',
    pattern: /^\s*(?:What|Who|Whose|Where|How|When|Which|The\s+same|They|It)(?![\w-])/gu,
    advice: 'write a verb (Returns, Stores, Emits) or a noun phrase as the first words instead',
    kinds: ['docstring', 'tag'],
  },
  {
    name: 'what-clause',
    pattern: phrase(
      `(?<!\\b(?:${ASKING})\\s+)what (?:is|was|were|are|comes|came|has|had|have|does|did|must|can|cannot|may|needs|happens|happened|follows|goes|went)`,
    ),
    advice: 'write the noun (events that …, the result) instead',
  },
  {
    name: 'under-way',
    pattern: phrase('under ?way'),
    advice: 'write "in flight", "pending" or "current" instead',
  },
  { name: 'at-hand', pattern: phrase('(?:at|in) hand'), advice: 'write "current" or "pending" instead' },
  {
    name: 'hand-over',
    pattern: phrase(`hand(?:s|ed|ing)? ${GAP}over`),
    advice: 'write "deliver" or "pass" instead',
  },
  {
    name: 'let-go',
    pattern: phrase('let(?:s|ting)? go(?: of)?'),
    advice: 'write "trim", "delete", "close", "release" or "free" instead',
  },
  {
    name: 'leave-out',
    pattern: phrase(`(?:leave|leaves|left|leaving) ${GAP}out`),
    advice: 'write "exclude" (a filter) or "omit" instead',
  },
  {
    name: 'let-through',
    pattern: phrase(`let(?:s|ting)? ${GAP}through`),
    advice: 'write "match" (a filter) or "accept" instead',
  },
  {
    name: 'tell',
    pattern: phrase('tell|tells|told|telling'),
    advice: 'write "return", "report", "notify", "emit" or "distinguish" instead',
  },
  {
    name: 'is-no',
    pattern: phrase(
      '(?<!\\bthere\\s+)(?:is|was|are|were|be) no (?!longer|more|less|fewer|larger|smaller|greater|higher|lower|later|earlier|different|better|worse|■)[a-z]+',
    ),
    advice: 'write "is not a valid …" or "is not …" instead',
  },
  {
    name: 'is-none',
    pattern: phrase('(?<!\\bthere\\s+)(?:is|was|are|were|be) none'),
    advice: 'write "is not a valid …", or "there is no …", instead',
  },
  { name: 'be-it', pattern: phrase('be it'), advice: 'write "even if" instead' },
  { name: 'as-ever', pattern: phrase('as ever'), advice: 'write "as usual", or nothing, instead' },
  { name: 'once-more', pattern: phrase('once more|anew'), advice: 'write "again" instead' },
  {
    name: 'at-one-go',
    pattern: phrase('at one go|in one go'),
    advice: 'write "atomically" or "together" instead',
  },
  {
    name: 'at-once',
    pattern: phrase('at once'),
    advice: 'write "immediately", "at the same time" or "together" instead',
  },
  {
    name: 'for-ever',
    pattern: phrase('for ever'),
    advice: 'write "without a limit" or "indefinitely" instead',
  },
  {
    name: 'so-many',
    pattern: phrase('so many|so few'),
    advice: 'write "the maximum number of …" or "the minimum number of …" instead',
  },
  { name: 'beside', pattern: phrase('beside'), advice: 'write "with", "next to" or "compared with" instead' },
  {
    name: 'behind',
    pattern: phrase(
      '(?<!\\b(?:lag|lags|lagged|lagging|fall|falls|fell|fallen|falling)\\s+)behind(?! (?:a|the) (?:reverse )?(?:proxy|firewall|gateway|load balancer))',
    ),
    advice: 'write "after" instead',
  },
  {
    name: 'is-to',
    pattern: phrase(
      `(?<!\\b(?:${PURPOSES})\\s+)(?:is|are|was|were) (?:not )?to (?!the|a|an|its|this|that|these|those|one|each|any|all|some|which|■)[a-z]+`,
    ),
    advice: 'write "must" (a duty) or "will" (a plan) instead',
  },
  {
    name: 'own-kind',
    pattern: phrase('(?:its|their) own kind'),
    advice: 'write "per watcher", "per store" or "separate" instead',
  },
  {
    name: 'letter',
    pattern: phrase('(?<!dead[\\s-]+)letters?(?!,)'),
    advice: 'write "dead letter", or "character" for a sign, instead',
  },
  {
    name: 'done',
    pattern: phrase(
      '(?<!\\b(?:attempts?|calls?|requests?)\\s+)(?:is|are|was|were) (?:done|made)(?! (?:of|up|from))',
    ),
    advice: 'write "created" (made), or "settled", "handled" or "completed" (done), instead',
  },
  {
    name: 'expected',
    pattern: /^\s*expected\s(?!■)[\w-]+/gu,
    advice: 'write "must be …; received …" instead',
    kinds: ['message'],
  },
  {
    name: 'throws',
    pattern: /(?<=^@throws)(?!\s+(?:The error\s|(?:[A-Z]\w+|■+)\s+(?:if|unless)\s))[^\n]*/gu,
    advice: 'write "@throws {@link Name} if …", one line for each error, instead',
    kinds: ['throws'],
  },
];

/** Maximum number of words in a sentence; the aim is 25. */
export const MAX_WORDS = 30;

/** Maximum number of colons and semicolons in a sentence. */
export const MAX_STOPS = 1;

/** Maximum number of colons and semicolons in an error message: `cannot open the file: <reason>; <advice>`. */
export const MAX_STOPS_OF_MESSAGE = 2;
