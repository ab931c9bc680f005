/** Every transcript must still come out as it is written. Rewrite them with UPDATE_TRANSCRIPTS=1, and read what changed. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { runTranscript } from './transcript.ts';

const folder = new URL('./transcripts/', import.meta.url);

describe('transcripts of the replica', () => {
  for (const file of readdirSync(folder).sort()) {
    it(file.replace('.transcript.txt', '').replaceAll('-', ' '), () => {
      const path = new URL(file, folder);
      const written = readFileSync(path, 'utf8');
      const played = runTranscript(written);
      if (process.env.UPDATE_TRANSCRIPTS === '1') writeFileSync(path, played);
      else expect(played).to.equal(written);
    });
  }
});
