/** The readers of params: what they take, and that every refusal names the field. */
import { fields, UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';

const MISSING = Symbol('missing');

/** What the reader makes of `{ field: value }`: its value, or the name of the failure. */
function outcome(read: (params: Readonly<Record<string, unknown>>) => unknown, value: unknown): unknown {
  try {
    return read(value === MISSING ? {} : { field: value });
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    expect(error.data.field, 'data.field').to.equal('field');
    expect(error.message).to.include('field');
    expect(error.definite).to.equal(true);
    return error.name;
  }
}

const WRONG = 'INVALID_PARAMS';
const loneHigh = '\ud83d';
const loneLow = 'a\ude00b';

describe('fields', () => {
  const tables: readonly (readonly [
    string,
    (params: Readonly<Record<string, unknown>>) => unknown,
    readonly (readonly [unknown, unknown])[],
  ])[] = [
    [
      'text',
      (params) => fields.text(params, 'field'),
      [
        ['', ''],
        ['a', 'a'],
        ['__proto__', '__proto__'],
        ['\u0000', '\u0000'],
        ['😀', '😀'],
        [loneHigh, WRONG],
        [loneLow, WRONG],
        [MISSING, WRONG],
        [null, WRONG],
        [3, WRONG],
        [['a'], WRONG],
        [{}, WRONG],
      ],
    ],
    [
      'text with limits',
      (params) => fields.text(params, 'field', { maxBytes: 4, nonEmpty: true }),
      [
        ['', WRONG],
        ['abcd', 'abcd'],
        ['abcde', 'TOO_LARGE'],
        ['éé', 'éé'],
        ['ééa', 'TOO_LARGE'],
        ['😀', '😀'],
        ['😀a', 'TOO_LARGE'],
      ],
    ],
    [
      'optionalText',
      (params) => fields.optionalText(params, 'field', { maxBytes: 4 }),
      [
        [MISSING, undefined],
        ['a', 'a'],
        ['abcde', 'TOO_LARGE'],
        [null, WRONG],
        [loneLow, WRONG],
      ],
    ],
    [
      'textOrNull',
      (params) => fields.textOrNull(params, 'field', { maxBytes: 4 }),
      [
        [null, null],
        ['a', 'a'],
        ['abcde', 'TOO_LARGE'],
        [MISSING, WRONG],
        [3, WRONG],
        [loneHigh, WRONG],
      ],
    ],
    [
      'whole',
      (params) => fields.whole(params, 'field'),
      [
        [0, 0],
        [-0, 0],
        [2 ** 53 - 1, 2 ** 53 - 1],
        [2 ** 53, WRONG],
        [-1, WRONG],
        [1.5, WRONG],
        ['3', WRONG],
        [Number.NaN, WRONG],
        [Number.POSITIVE_INFINITY, WRONG],
        [null, WRONG],
        [true, WRONG],
        [[3], WRONG],
        [MISSING, WRONG],
      ],
    ],
    [
      'whole with limits',
      (params) => fields.whole(params, 'field', { min: -2, max: 2 }),
      [
        [-2, -2],
        [2, 2],
        [-3, WRONG],
        [3, WRONG],
      ],
    ],
    [
      'optionalWhole',
      (params) => fields.optionalWhole(params, 'field', { min: 1 }),
      [
        [MISSING, undefined],
        [1, 1],
        [0, WRONG],
        [null, WRONG],
      ],
    ],
    [
      'boolean',
      (params) => fields.boolean(params, 'field'),
      [
        [true, true],
        [false, false],
        [0, WRONG],
        ['true', WRONG],
        [MISSING, WRONG],
      ],
    ],
    [
      'optionalBoolean',
      (params) => fields.optionalBoolean(params, 'field'),
      [
        [MISSING, undefined],
        [false, false],
        [null, WRONG],
      ],
    ],
    [
      'oneOf',
      (params) => fields.oneOf(params, 'field', ['a', 'b']),
      [
        ['a', 'a'],
        ['c', WRONG],
        [['a'], WRONG],
        [MISSING, WRONG],
      ],
    ],
    [
      'optionalOneOf',
      (params) => fields.optionalOneOf(params, 'field', ['a', 'b']),
      [
        [MISSING, undefined],
        ['b', 'b'],
        ['', WRONG],
        [null, WRONG],
      ],
    ],
    [
      'textList',
      (params) => fields.textList(params, 'field', { maxBytes: 2 }),
      [
        [[], []],
        [
          ['a', 'b'],
          ['a', 'b'],
        ],
        [['abc'], 'TOO_LARGE'],
        [['a', 3], WRONG],
        [[loneHigh], WRONG],
        ['a', WRONG],
        [{ 0: 'a', length: 1 }, WRONG],
        [MISSING, WRONG],
      ],
    ],
    [
      'object',
      (params) => fields.object(params, 'field'),
      [
        [{ a: 1 }, { a: 1 }],
        [[], WRONG],
        [null, WRONG],
        ['{}', WRONG],
        [MISSING, WRONG],
      ],
    ],
    [
      'optionalObject',
      (params) => fields.optionalObject(params, 'field'),
      [
        [MISSING, undefined],
        [{}, {}],
        [null, WRONG],
      ],
    ],
  ];

  for (const [name, read, rows] of tables) {
    describe(name, () => {
      for (const [value, expected] of rows) {
        it(`${value === MISSING ? 'a missing field' : show(value)} -> ${show(expected)}`, () => {
          expect(outcome(read, value)).to.deep.equal(expected);
        });
      }
    });
  }

  it('says what is missing, and what it must be', () => {
    expect(() => fields.whole({}, 'viewnum', { max: 9 })).to.throw(
      'viewnum is missing: it must be a whole number from 0 to 9',
    );
    expect(() => fields.text({ key: 3 }, 'key')).to.throw('key must be text');
  });

  it('tells by how much a text is too large', () => {
    expect(() => fields.text({ key: 'abc' }, 'key', { maxBytes: 2 }))
      .to.throw(UnderstudyError)
      .with.property('data')
      .that.deep.equals({ field: 'key', bytes: 3, maxBytes: 2 });
  });
});

function show(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
}
