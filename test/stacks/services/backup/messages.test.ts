import { describe, expect, it } from "vitest";
import { parseMessage } from "../../../../stacks/services/backup/image/agent/messages.ts";

describe("parseMessage", () => {
  it("reads a backup's progress", () => {
    const line =
      '{"message_type":"status","percent_done":0.5,"total_files":4,"files_done":2,"total_bytes":60,"bytes_done":30}';
    expect(parseMessage(line)).toEqual({ kind: "progress", progress: { done: 0.5, files: 2, bytes: 30 } });
  });

  it("reads a backup's summary", () => {
    const line =
      '{"message_type":"summary","files_new":1,"files_changed":2,"files_unmodified":3,"data_added":400,"total_files_processed":6,"total_bytes_processed":5000,"snapshot_id":"5137d85d"}';
    expect(parseMessage(line)).toEqual({
      kind: "summary",
      summary: { snapshot: "5137d85d", filesNew: 1, filesChanged: 2, files: 6, bytes: 5000, bytesAdded: 400 },
    });
  });

  it("reads a restore's summary", () => {
    const line = '{"message_type":"summary","total_files":3,"files_restored":3,"total_bytes":12,"bytes_restored":12}';
    expect(parseMessage(line)).toMatchObject({ kind: "summary", summary: { files: 3, bytes: 12 } });
  });

  it("reads which file an error is about", () => {
    const line =
      '{"message_type":"error","error":{"message":"permission denied\\n"},"during":"archival","item":"/data/x"}';
    expect(parseMessage(line)).toEqual({ kind: "error", words: "/data/x: permission denied" });
  });

  it("reads why restic gave up", () => {
    const line = '{"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"}';
    expect(parseMessage(line)).toEqual({ kind: "error", words: "wrong password or no key found" });
  });

  it("keeps lists, such as those of snapshots, as they are", () => {
    expect(parseMessage('[{"message_type":"status"}]')).toEqual({ kind: "other", value: [{ message_type: "status" }] });
  });

  it.each(["null", "3", '"text"', '{"message_type":"verbose_status"}'])("does not stumble over %s", (line) => {
    expect(parseMessage(line)?.kind).toBe("other");
  });

  it("takes what is not JSON for an error's words", () => {
    expect(parseMessage("panic: runtime error\n")).toEqual({ kind: "error", words: "panic: runtime error" });
  });

  it("ignores empty lines", () => {
    expect(parseMessage(" \n")).toBeUndefined();
  });

  it("counts nothing where numbers are not numbers", () => {
    expect(parseMessage('{"message_type":"status","percent_done":"half","files_done":null}')).toEqual({
      kind: "progress",
      progress: { done: 0, files: 0, bytes: 0 },
    });
  });
});
