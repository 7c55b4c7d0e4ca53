// One bad resource of each kind beside good ones: the good are served, each bad field is named.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Backend } from '../lib/backend.mjs';
import { connect } from '../lib/client.mjs';
import { Longshore, scratch, until } from '../lib/longshore.mjs';

const good = (port) => `
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: shared}
spec: {processDrain: {delay: 0s, window: 0s, deadline: 1s}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: longshore, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {controller: longshore.dev/ingress-controller}
---
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: good, namespace: demo}
spec:
  hosts: [route.example.com]
  upstreams: [{name: pool, service: {name: good, port: {name: http}}}]
  locations: [{path: /, pathType: Prefix, upstream: pool}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: good, namespace: demo}
spec:
  ingressClassName: longshore
  rules:
  - host: ingress.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: good, port: {number: 80}}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: good, namespace: demo}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: good, namespace: demo, labels: {kubernetes.io/service-name: good}}
addressType: IPv4
ports: [{name: http, port: ${port}}]
endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
`;

// Each with the place and the field that must be named.
const bad = {
  'route.yaml': [`
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: bad, namespace: demo}
spec:
  hosts: [bad.example.com]
  upstreams: [{name: pool, service: {name: good, port: {name: http}}}]
  locations:
  - path: /
    pathType: Prefix
    upstream: poll
`, /route\.yaml:11:5: .*spec\.locations\[0\]\.upstream/],
  'typo.yaml': [`
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: typo, namespace: demo}
spec:
  hosts: [route.example.com]
  upstreams: [{name: pool, service: {name: good, port: {name: http}}}]
  locations: [{path: /admin, pathType: Prefix, upstream: pool}]
  policy:
    acess: {allow: [10.0.0.0/8]}
`, /typo\.yaml:10:5: .*spec\.policy\.acess: unknown field; did you mean access\?; its rules answer 503/],
  'ingress.yaml': [`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: bad, namespace: demo}
spec:
  ingressClassName: longshore
  rules:
  - host: bad-ingress.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: good, port: {nmber: 80}}}}]}
`, /ingress\.yaml:9:87: .*spec\.rules\[0\]\.http\.paths\[0\]\.backend\.service\.port\.nmber: unknown field; did you mean number\?/],
  'class.yaml': [`
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: bad}
spec: {controler: longshore.dev/ingress-controller}
`, /class\.yaml:5:8: .*spec\.controler: unknown field; did you mean controller\?/],
  'config.yaml': [`
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: bad}
spec: {processDrain: {delay: 5}}
`, /config\.yaml:5:30: .*spec\.processDrain\.delay: must be a string, found an integer "5": put it in quotes/],
  'service.yaml': [`
apiVersion: v1
kind: Service
metadata: {name: bad, namespace: demo}
spec: {ports: [{name: http, port: eighty}]}
`, /service\.yaml:5:35: .*spec\.ports\[0\]\.port: must be an integer, found a string "eighty"/],
  'slice.yaml': [`
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: bad, namespace: demo}
addressType: IPv4
endpoints: [{addresses: 127.0.0.1}]
`, /slice\.yaml:6:25: .*endpoints\[0\]\.addresses: must be a list/],
  'secret.yaml': [`
apiVersion: v1
kind: Secret
metadata: {name: bad, namespace: demo}
data: {password: correct horse}
`, /secret\.yaml:5:8: .*data\[password\]: is not base64/],
  'map.yaml': [`
apiVersion: v1
kind: ConfigMap
metadata: {name: bad, namespace: demo}
data: {enabled: yes}
`, /map\.yaml:5:17: .*data\[enabled\]: must be a string, found a boolean/],
  'broken.yaml': ['kind: {\n', /broken\.yaml:\d+:\d+: error: not readable as YAML/],
};

test('a folder with one bad resource of each kind', async (t) => {
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'good');
  await mkdir(join(folder, 'bad'));
  await writeFile(join(folder, 'good.yaml'), good(backend.port));
  for (const [name, [text]] of Object.entries(bad)) {
    await writeFile(join(folder, 'bad', name), text);
  }
  const longshore = await Longshore.standalone(t, folder);

  await t.test('serves all the good ones', async () => {
    for (const host of ['route.example.com', 'ingress.example.com']) {
      const { backend: name, socket } = await connect(longshore.socketUrl('/'), { host });
      assert.equal(name, 'good');
      socket.terminate();
    }
  });

  await t.test('names each bad field with its line, and no secret', async () => {
    for (const [name, [, pattern]] of Object.entries(bad)) {
      await until(`${name} in the output`, () => pattern.test(longshore.out)).catch(() =>
        assert.match(longshore.out, pattern));
    }
    assert.doesNotMatch(longshore.out + longshore.err, /correct horse/);
  });

  await t.test('answers 503 where a bad rule would have been', async () => {
    for (const [host, path] of [['bad.example.com', '/'], ['route.example.com', '/admin'], ['bad-ingress.example.com', '/']]) {
      const status = await connect(longshore.socketUrl(path), { host }).then(() => 101, (e) => e.status);
      assert.equal(status, 503, `${host}${path}`);
    }
  });

  await t.test('the admin port tells the verdicts', async () => {
    const verdicts = await (await fetch(`http://127.0.0.1:${longshore.admin}/verdicts?name=typo`)).json();
    assert.equal(verdicts.resources.length, 1);
    assert.equal(verdicts.resources[0].conditions.find((c) => c.type === 'Accepted').status, 'False');
  });

  await t.test('check says the same and exits with 1', async () => {
    const check = await Longshore.run('check', folder);
    assert.equal(check.exit, 1);
    for (const [, pattern] of Object.values(bad)) assert.match(check.out, pattern);
    const json = JSON.parse((await Longshore.run('check', '-o', 'json', folder)).out);
    assert.ok(json.resources.some((r) => r.name === 'good' && r.conditions.every((c) => c.status === 'True')));
    assert.ok(json.manifestProblems.length >= 8);
    const fine = await Longshore.run('check', join(folder, 'good.yaml'));
    assert.equal(fine.exit, 0, fine.out);
  });
});
