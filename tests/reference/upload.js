// Uploads a file with tus-js-client, breaks off in the middle, resumes elsewhere; prints its id.
import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const [endpoint, token, path] = process.argv.slice(2);
const file = readFileSync(path);
const headers = { authorization: `Bearer ${token}` };
const metadata = { filename: "noise.bin", filetype: "application/octet-stream" };

function begun() {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint, headers, metadata, chunkSize: 100_000, retryDelays: null, onError: reject,
      onChunkComplete: (_size, accepted) => {
        if (accepted < file.length / 2) return;
        upload.abort().then(() => resolve(upload.url), reject);
      },
    });
    upload.start();
  });
}

function finished(uploadUrl) {
  return new Promise((resolve, reject) => {
    let id = null;
    const upload = new Upload(file, {
      uploadUrl, headers, retryDelays: null, onError: reject,
      onAfterResponse: (_request, response) => { id = response.getHeader("Dchat-File") ?? id; },
      onSuccess: () => resolve(id),
    });
    upload.start();
  });
}

console.log(await finished(await begun()));
