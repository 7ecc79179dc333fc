// The main calls of the official Node clients against a server of choice.
// Run as `node walk.mjs URL TOKEN`; every step asserts what it got.

import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import {drive as driveClient, auth} from '@googleapis/drive';
import {gmail as gmailClient} from '@googleapis/gmail';
import {sheets as sheetsClient} from '@googleapis/sheets';

const [url, token] = process.argv.slice(2);
const rootUrl = `${url}/`;
const credentials = new auth.OAuth2();
credentials.setCredentials({access_token: token});

const drive = driveClient({version: 'v3', auth: credentials, rootUrl});
const gmail = gmailClient({version: 'v1', auth: credentials, rootUrl});
const sheets = sheetsClient({version: 'v4', auth: credentials, rootUrl});

// The client takes its own root for everything but uploads: each of those has to be told.
const UPLOADS = {rootUrl};

const FOLDER = 'application/vnd.google-apps.folder';
const SPREADSHEET = 'application/vnd.google-apps.spreadsheet';

const status = async (call) => {
  const error = await call.then(() => assert.fail('it was to be refused'), (caught) => caught);
  return error.status ?? error.response?.status;
};

async function files() {
  const {data: {ids}} = await drive.files.generateIds({count: 1});
  const folder = {id: ids[0], name: 'Сделка', mimeType: FOLDER};
  const {data: made} = await drive.files.create({requestBody: folder, fields: 'id,name'});
  assert.deepEqual(made, {id: ids[0], name: 'Сделка'});
  assert.equal(await status(drive.files.create({requestBody: folder})), 409);

  const media = {mimeType: 'text/plain', body: Readable.from(['бри', 'ф'])};
  const body = {name: 'brief.txt', parents: [made.id]};
  const {data: file} = await drive.files.create(
    {requestBody: body, media, fields: 'id,size'}, UPLOADS);
  assert.equal(file.size, '8');
  const {data: text} = await drive.files.get({fileId: file.id, alt: 'media'}, {responseType: 'text'});
  assert.equal(text, 'бриф');
  const part = await drive.files.get(
    {fileId: file.id, alt: 'media'}, {headers: {Range: 'bytes=0-1'}, responseType: 'text'});
  assert.equal(part.status, 206);

  const q = `'${made.id}' in parents and trashed = false`;
  const {data: listed} = await drive.files.list({q, fields: 'files(name)'});
  assert.deepEqual(listed.files, [{name: 'brief.txt'}]);
  const {data: renamed} = await drive.files.update({
    fileId: file.id, requestBody: {name: 'b.txt', trashed: true}, fields: 'name,trashed'});
  assert.deepEqual(renamed, {name: 'b.txt', trashed: true});

  const right = {type: 'user', role: 'reader', emailAddress: 'lead@example.com'};
  await drive.permissions.create({fileId: made.id, requestBody: right});
  const {data: rights} = await drive.permissions.list({fileId: made.id});
  assert.deepEqual(rights.permissions.map((one) => one.role), ['owner', 'reader']);
  await drive.files.delete({fileId: made.id});
  assert.equal(await status(drive.files.get({fileId: file.id})), 404);
  assert.equal(await status(drive.files.list({q: 'nonsense'})), 400);
}

async function changes() {
  const {data: {startPageToken}} = await drive.changes.getStartPageToken({});
  const {data: {id}} = await drive.files.create({requestBody: {name: 'x', mimeType: FOLDER}});
  const {data: page} = await drive.changes.list({pageToken: startPageToken});
  assert.deepEqual(page.changes.map((change) => change.fileId), [id]);
  const {data: {drives}} = await drive.drives.list({});
  assert.equal(drives[0].name, 'CRM');
}

async function workbook() {
  const {data: made} = await drive.files.create({requestBody: {name: 'CRM', mimeType: SPREADSHEET}});
  const spreadsheetId = made.id;
  const values = [['Сделка', 'Сумма'], ['D-000001', 1.5]];
  const {data: written} = await sheets.spreadsheets.values.update({
    spreadsheetId, range: 'Sheet1!A1', valueInputOption: 'RAW', requestBody: {values}});
  assert.equal(written.updatedCells, 4);
  const {data: read} = await sheets.spreadsheets.values.get({
    spreadsheetId, range: 'Sheet1', valueRenderOption: 'UNFORMATTED_VALUE'});
  assert.deepEqual(read.values, values);
  const {data: batch} = await sheets.spreadsheets.values.batchGet({
    spreadsheetId, ranges: ['A1:A', 'B2'], majorDimension: 'COLUMNS'});
  assert.deepEqual(batch.valueRanges.map((range) => range.values),
    [[['Сделка', 'D-000001']], [['1.5']]]);
  await sheets.spreadsheets.values.append({
    spreadsheetId, range: 'A1', valueInputOption: 'USER_ENTERED', requestBody: {values: [['=1+1']]}});
  const requests = [{addSheet: {properties: {title: 'Lists'}}}];
  const {data: {replies}} = await sheets.spreadsheets.batchUpdate({spreadsheetId, requestBody: {requests}});
  assert.equal(replies[0].addSheet.properties.title, 'Lists');
  const {data: whole} = await sheets.spreadsheets.get({spreadsheetId, fields: 'sheets.properties.title'});
  assert.deepEqual(whole.sheets.map((sheet) => sheet.properties.title), ['Sheet1', 'Lists']);
  await sheets.spreadsheets.values.clear({spreadsheetId, range: 'A2:B'});
  const {data: csv} = await drive.files.export(
    {fileId: spreadsheetId, mimeType: 'text/csv'}, {responseType: 'text'});
  assert.equal(csv, 'Сделка,Сумма');
  assert.equal(await status(sheets.spreadsheets.values.get({spreadsheetId, range: 'No!A1'})), 400);
}

async function letters() {
  const users = gmail.users;
  const {data: before} = await users.getProfile({userId: 'me'});
  assert.equal(before.emailAddress, 'manager1@example.com');
  const letter = ['From: a@b.example', 'To: manager1@example.com', 'Subject: Brief',
    'Message-ID: <node@b.example>', '', 'body'].join('\r\n');
  const raw = Buffer.from(letter).toString('base64url');
  const {data: made} = await users.messages.insert({
    userId: 'me', requestBody: {raw, labelIds: ['INBOX', 'UNREAD']}});
  const {data: found} = await users.messages.list({userId: 'me', q: 'rfc822msgid:node@b.example'});
  assert.deepEqual(found.messages.map((message) => message.id), [made.id]);
  const {data: got} = await users.messages.get({userId: 'me', id: made.id});
  assert.equal(got.payload.headers.find((header) => header.name === 'Subject').value, 'Brief');
  await users.messages.modify({
    userId: 'me', id: made.id, requestBody: {removeLabelIds: ['UNREAD']}});
  const {data: history} = await users.history.list({userId: 'me', startHistoryId: before.historyId});
  assert.deepEqual(history.history.map((record) => Object.keys(record).at(-1)),
    ['messagesAdded', 'labelsRemoved']);
  const {data: {labels}} = await users.labels.list({userId: 'me'});
  assert.ok(labels.some((label) => label.id === 'INBOX'));
  const outgoing = Buffer.from('To: lead@example.com\r\nSubject: x\r\n\r\nhi').toString('base64url');
  const {data: sent} = await users.messages.send({userId: 'me', requestBody: {raw: outgoing}});
  assert.deepEqual(sent.labelIds, ['SENT']);
  const {data: draft} = await users.drafts.create({userId: 'me', requestBody: {message: {raw: outgoing}}});
  await users.drafts.delete({userId: 'me', id: draft.id});
  const {data: thread} = await users.threads.get({userId: 'me', id: made.threadId, format: 'minimal'});
  assert.equal(thread.messages.length, 1);
  const media = {mimeType: 'message/rfc822', body: letter};
  const {data: uploaded} = await users.messages.import(
    {userId: 'me', requestBody: {}, media}, UPLOADS);
  assert.ok(uploaded.id);
  await users.messages.trash({userId: 'me', id: made.id});
  assert.equal(await status(users.messages.get({userId: 'me', id: 'ffff'})), 404);
  assert.equal(await status(users.history.list({userId: 'me', startHistoryId: '1'})), 404);
}

for (const step of [files, changes, workbook, letters]) {
  await step();
  console.log(`${step.name}: ok`);
}
