package dev.longshore.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code kubectl apply} refuses without looking elsewhere, one wrong value at a time. */
final class AdmissionTest {
  @Test
  void theUnchangedManifestsAreTaken() {
    ObjectNode route = Admission.manifest("/route.yaml");
    assertThat(Admission.OF_ROUTES.schemaErrors(route)).isEmpty();
    assertThat(Admission.OF_ROUTES.brokenRules(route)).isEmpty();
    ObjectNode config = Admission.manifest("/config.yaml");
    assertThat(Admission.OF_CONFIGS.schemaErrors(config)).isEmpty();
    assertThat(Admission.OF_CONFIGS.brokenRules(config)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /spec/ingressClassName              | Long_Shore
          /spec/hosts/0                       | Chat.example.com
          /spec/hosts/0                       | chat.*.com
          /spec/hosts/0                       | 'chat.example.com:80'
          /spec/hosts                         | []
          /spec/upstreams                     | []
          /spec/locations                     | []
          /spec/upstreams/0/name              | a;b
          /spec/upstreams/0/service/name      | "chat\\nx"
          /spec/upstreams/0/service/port/number | 0
          /spec/upstreams/0/service/port/number | 65536
          /spec/upstreams/0/service/port/number | "80"
          /spec/upstreams/0/protocol          | http
          /spec/upstreams/1/endpoints/0/address | localhost
          /spec/upstreams/1/endpoints/0/port  | 70000
          /spec/upstreams/1/loadBalancing/policy | LeastConn
          /spec/upstreams/1/loadBalancing/hashOn/type | Host
          /spec/upstreams/1/loadBalancing/slowStart | 30
          /spec/upstreams/1/loadBalancing/slowStart | -1s
          /spec/upstreams/1/loadBalancing/slowStart | 1.5s
          /spec/upstreams/1/healthCheck/active/type | GRPC
          /spec/upstreams/1/healthCheck/active/path | healthz
          /spec/upstreams/1/healthCheck/active/path | '/a\\b'
          /spec/upstreams/1/healthCheck/active/healthyThreshold | 0
          /spec/upstreams/0/keepalive         | {idleConnections: -1}
          /spec/upstreams/0/maxConnectionsPerEndpoint | 0
          /spec/upstreams/0/rebalance         | {tolerancePercent: 101}
          /spec/upstreams/0/affinity          | {}
          /spec/upstreams/0/affinity          | {cookie: {name: "a b"}}
          /spec/upstreams/0/affinity          | {cookie: {path: "/;Domain=x"}}
          /spec/upstreams/0/affinity          | {cookie: {sameSite: lax}}
          /spec/upstreams/0/tls               | {caCertificateRefs: [{kind: Service, name: a}]}
          /spec/locations/0/path              | ''
          /spec/locations/0/pathType          | prefix
          /spec/locations/0/match             | {headers: [{name: "X A", value: b}]}
          /spec/locations/0/match             | {query: [{name: v}]}
          /spec/locations/0/match             | {query: [{name: v, value: w, type: Regex}]}
          /spec/locations/1/split/0/weight    | -1
          /spec/locations/0/rewrite/path/value | ws
          /spec/locations/0/rewrite/path/value | '/a b'
          /spec/locations/0/rewrite/path/type | ReplaceRegex
          /spec/locations/0/rewrite/host      | 'a.example.com/b'
          /spec/policy/upgrade                | true
          /spec/policy/insecure               | Deny
          /spec/policy/origins                | [chat.example.com]
          /spec/policy/origins                | ["https://chat.example.com/"]
          /spec/policy/origins                | ["https://*.*.example.com"]
          /spec/policy/origins                | ["null"]
          /spec/policy/subprotocols           | ["a, b"]
          /spec/policy/timeouts               | {idle: 1d}
          /spec/policy/timeouts               | {idle: 123456s}
          /spec/policy/retries                | {attempts: 11}
          /spec/policy/keepalive              | {towards: client}
          /spec/policy/limits                 | {messageBytes: 1MB}
          /spec/policy/limits                 | {connections: -1}
          /spec/policy/access/allow/0         | 10.0.0.1
          /spec/policy/access/allow/0         | 10.0.0.0/33
          /spec/policy/auth/jwt               | {algorithms: [none]}
          /spec/policy/auth/jwt               | {algorithms: [HS256]}
          /spec/policy/auth/jwt               | {jwks: {kind: ConfigMap}}
          /spec/policy/auth/external          | {service: {name: a}}
          /spec/policy/headers/request/set/0/name | 'X-A: b'
          /spec/policy/headers/request/set/0/value | "b\\r\\nX-B: c"
          /spec/policy/headers/request/set/0  | {name: X-A, valueFrom: {}}
          /spec/policy/headers/request/set/0  | {name: X-A, valueFrom: {secretKeyRef: {name: a}}}
          /spec/policy/headers/request/set/0  | {name: X-A, valueFrom: {secretKeyRef: {name: a, key: 'b/c'}}}
          /spec/policy/headers/request/set/0  | {name: X-A, valueFrom: {secretKeyRef: {name: a, key: b, namespace: c}}}
          /spec/policy/drain/closeCode        | 1000
          /spec/policy/drain/onRemoval        | Cut
          """)
  void theSchemaRefusesARouteWith(String pointer, String yaml) throws JsonProcessingException {
    ObjectNode manifest = changed("/route.yaml", pointer, yaml);

    assertThat(Admission.OF_ROUTES.schemaErrors(manifest))
        .isNotEmpty()
        .allSatisfy(error -> assertThat(pathOf(error)).startsWith(dotted(pointer)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /spec/hosts                 |
          /spec/ingressClassName      | longshore
          /spec/locations/0/path      | /
          /spec/locations/0/path      | "/a%20b/%C3%A4/'{}()*!~@:,=+&"
          /spec/locations/0/path      | /...a/.well-known/
          /spec/policy/origins        | ["https://a.example.com:8443", "http://[::1]:80", "app://localhost"]
          /spec/policy/timeouts       | {idle: 1h30m10s500ms, connect: 0s}
          /spec/policy/limits         | {messageBytes: "0", connections: 0}
          /spec/policy/access         | {allow: [], deny: [0.0.0.0/0]}
          /spec/policy/auth           | {external: {service: {name: a, port: {name: http}}}}
          /spec/policy/drain          | {closeCode: 1013, window: 0s}
          /spec/locations/0/rewrite   | {host: "chat.internal:8080"}
          /spec/upstreams/0/rebalance | {maxPerSecond: 1}
          /spec/upstreams/0/affinity  | {cookie: {ttl: 0s}}
          /spec/upstreams/0/affinity  | {cookie: {ttl: 1s, sameSite: None}}
          /spec/upstreams/1/healthCheck | {passive: {}, active: {type: TCP}, panicThresholdPercent: 0}
          /spec/policy/keepalive      | {ping: 0s, timeout: 100ms}
          /spec/policy/keepalive      | {ping: 1s, towards: Both}
          """)
  void aRouteIsTakenWith(String pointer, String yaml) throws JsonProcessingException {
    ObjectNode manifest = changed("/route.yaml", pointer, yaml);

    assertThat(Admission.OF_ROUTES.schemaErrors(manifest)).isEmpty();
    assertThat(Admission.OF_ROUTES.brokenRules(manifest)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /spec/trustedProxies/0             | 10.0.0.1
          /spec/proxyProtocolFrom/0          | 10.0.0.1
          /spec/forwardedHeaders             | Keep
          /spec/proxyProtocol                | Optional
          /spec/defaultCertificate/namespace |
          /spec/tls/minVersion               | TLSv1.1
          /spec/tls/ciphers/0                | 'TLS_A:TLS_B'
          /spec/hsts/maxAge                  | 1y
          /spec/hsts/subdomains              | true
          /spec/hostOwnership                | None
          /spec/catchAllNamespaces/0         | 'a*'
          /spec/defaults                     | {policies: {}}
          /spec/processDrain/window          | forever
          /spec/accessLog                    | None
          /spec/bounds/headerCount           | 0
          /spec/bounds/bodyBytes             | -1
          /spec/http2/https                  | true
          /spec/http2/maxConcurrentStreams   | 0
          /spec/http2/maxConcurrentStreams   | 1001
          /spec/listeners/0/name             | Internal
          /spec/listeners/0/port             | 65536
          /spec/listeners/0/port             |
          /spec/listeners/0/protocol         | TCP
          /spec/listeners/0/protocol         |
          /spec/listeners/0/address          | localhost
          /spec/listeners/0/hosts/0          | Chat.example.com
          /spec/listeners/0/tls/minVersion   | TLSv1.1
          /spec/listeners/0/proxyProtocolFrom/0 | 10.0.0.1
          /spec                              |
          """)
  void theSchemaRefusesAConfigWith(String pointer, String yaml) throws JsonProcessingException {
    assertThat(Admission.OF_CONFIGS.schemaErrors(changed("/config.yaml", pointer, yaml)))
        .isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = BROKEN)
  void aRuleRefusesWith(String pointer, String yaml, String message)
      throws JsonProcessingException {
    boolean route = !pointer.startsWith("config:");
    String path = pointer.replace("config:", "");
    ObjectNode manifest = changed(route ? "/route.yaml" : "/config.yaml", path, yaml);
    Admission admission = route ? Admission.OF_ROUTES : Admission.OF_CONFIGS;

    assertThat(admission.schemaErrors(manifest)).as("only the rule is broken").isEmpty();
    assertThat(admission.brokenRules(manifest)).anyMatch(broken -> broken.startsWith(message));
  }

  @Test
  void everyRuleIsBrokenByOneOfTheCases() {
    Set<String> messages = new TreeSet<>();
    collectMessages(Admission.OF_ROUTES.schema(), messages);
    collectMessages(Admission.OF_CONFIGS.schema(), messages);
    Set<String> expected =
        Stream.of(BROKEN.split("\n", -1))
            .filter(line -> !line.isBlank())
            .map(line -> line.substring(line.lastIndexOf('|') + 1).strip())
            .collect(Collectors.toSet());

    assertThat(messages)
        .allSatisfy(message -> assertThat(expected).anyMatch(e -> message.startsWith(e)));
  }

  private static final String BROKEN =
      """
      /spec/locations/0/upstream  | stabel           | upstream must be the name of one
      /spec/locations/1/split/0/upstream | stabel    | split must name upstreams
      /spec/locations/1/name      | socket           | two locations have the same name
      /spec/upstreams/0/service/port | {}            | give exactly one of number and name
      /spec/upstreams/0/service/port/name | ws       | give exactly one of number and name
      /spec/upstreams/0/service   |                  | give exactly one of service and endpoints
      /spec/upstreams/1/service   | {name: a, port: {number: 1}} | give exactly one of service and endpoints
      /spec/upstreams/0           | {name: stable, service: {name: a, port: {number: 1}}, affinity: {cookie: {}}, rebalance: {}} | rebalance would break affinity
      /spec/upstreams/1/rebalance | {}               | rebalance would break ConsistentHash
      /spec/upstreams/1/endpoints/0/address | 300.1.1.1 | address must be an IPv4
      /spec/upstreams/1/loadBalancing/hashOn |       | policy ConsistentHash needs hashOn
      /spec/upstreams/1/loadBalancing/policy | Random | hashOn goes with policy ConsistentHash only
      /spec/upstreams/1/loadBalancing/hashOn/type | ClientIP | Header, Cookie and Query need a name
      /spec/upstreams/1/loadBalancing/hashOn/name |  | Header, Cookie and Query need a name
      /spec/upstreams/1/healthCheck/active/type | TCP | a TCP or gRPC probe has no path
      /spec/upstreams/1/healthCheck/active/service | chat | only a gRPC probe has a service
      /spec/upstreams/1/healthCheck/active/interval | 999ms | interval must be at least 1s
      /spec/upstreams/1/healthCheck/active/timeout | 5001ms | timeout must not be longer than interval
      /spec/upstreams/1/healthCheck/active/timeout | 0ms | timeout must be above 0s
      /spec/upstreams/1/healthCheck/passive | {ejectFor: 0s} | ejectFor must be above 0s
      /spec/upstreams/0/affinity  | {cookie: {ttl: 999ms}} | ttl must be 0s or at least 1s
      /spec/policy/keepalive      | {ping: 999ms}    | ping must be 0s (none) or at least 1s
      /spec/policy/keepalive      | {timeout: 0s}    | timeout must be at least 100ms
      /spec/locations/0/split     | [{upstream: stable, weight: 1}] | give exactly one of upstream, split,
      /spec/locations/0/upstream  |                  | give exactly one of upstream, split,
      /spec/locations/0/redirect  | {scheme: https}  | give exactly one of upstream, split,
      /spec/locations/0/respond   | {}               | give exactly one of upstream, split,
      /spec/locations/0 | {path: /, redirect: {}} | a redirect to where it was asked
      /spec/locations/0 | {path: /, redirect: {scheme: https, status: 304}} | status must be 301
      /spec/locations/0 | {path: /, redirect: {path: {type: ReplaceFull, value: //evil.com}}} | path must be normalised
      /spec/locations/0 | {path: /, redirect: {scheme: https}, rewrite: {host: a}} | rewrite is of what goes to an upstream
      /spec/locations/0 | {path: /, respond: {status: 302}} | status must be 200 to 299
      /spec/locations/0 | {path: /, respond: {status: 204, body: x}} | an answer of status 204
      /spec/locations/0 | {path: /, respond: {body: x, bodyRef: {name: a, key: b}}} | give one of body and bodyRef
      /spec/policy/cors | {origins: ["*"], credentials: Allow} | with credentials each origin
      /spec/policy/cors | {origins: ["https://a.b"], headers: ["*"], credentials: Allow} | with credentials each origin
      /spec/locations/0/path      | websocket        | path must begin with /
      /spec/locations/0/path      | /a?b             | path must begin with /
      /spec/locations/0/path      | '/a\\b'          | path must begin with /
      /spec/locations/0/path      | '/ä'             | path must begin with /
      /spec/locations/0/path      | //a              | path must be normalised
      /spec/locations/0/path      | /a/../b          | path must be normalised
      /spec/locations/0/path      | /a/.             | path must be normalised
      /spec/locations/0/path      | /a;b             | path must be normalised
      /spec/locations/0/path      | /a%2Fb           | path must be normalised
      /spec/locations/1/split/0/weight | 0           | at least one weight of split must be above 0
      /spec/locations/0/pathType  | Regex            | a Regex has no prefix to replace
      /spec/policy/access/allow/0 | 300.0.0.0/8      | allow must hold address ranges
      /spec/policy/access/deny/0  | 300.0.0.0/8      | deny must hold address ranges
      /spec/policy/headers/request/remove/0 | Sec-WebSocket-Key | the data plane keeps Host, the framing headers
      /spec/policy/headers/request/set/0/name | content-LENGTH | the data plane keeps Host (see rewrite.host)
      /spec/policy/headers/request/set/0 | {name: X-A} | give exactly one of value and valueFrom
      /spec/policy/headers/request/set/0 | {name: X-A, value: b, valueFrom: {secretKeyRef: {name: a, key: b}}} | give exactly one of value and valueFrom
      /spec/policy/headers/response | {set: [{name: X-A, valueFrom: {secretKeyRef: {name: a, key: b}}}]} | what stands in an answer is no secret any more
      config:/spec/defaults/policy/headers | {request: {set: [{name: X-A, valueFrom: {secretKeyRef: {name: a, key: b}}}]}} | a Secret belongs to a namespace
      /spec/policy/drain/closeCode | 1006            | closeCode must be 1001, 1012, 1013 or 3000 to 4999
      /spec/policy/auth           | {}               | auth needs jwt, external or basic
      /spec/policy/auth           | {external: {recheck: 10ms}} | recheck must be 0s
      /spec/policy/auth           | {external: {timeout: 0s}} | timeout must be above 0s
      config:/spec/trustedProxies/0 | 300.0.0.0/8    | trustedProxies must hold address ranges
      config:/spec/proxyProtocolFrom/0 | 300.0.0.0/8 | proxyProtocolFrom must hold address ranges
      config:/spec/listeners/0/protocol | HTTP       | tls is for protocol: HTTPS
      config:/spec/listeners/0/address | 300.1.1.1   | address must be an IPv4
      config:/spec/listeners/0/proxyProtocolFrom/0 | 300.0.0.0/8 | proxyProtocolFrom must hold address ranges
      config:/spec/listeners/0/tls | {minVersion: TLSv1.3, maxVersion: TLSv1.2} | minVersion must not be newer
      config:/spec/tls            | {minVersion: TLSv1.3, maxVersion: TLSv1.2} | minVersion must not be newer
      """;

  private static void collectMessages(JsonNode schema, Set<String> messages) {
    schema.path("x-kubernetes-validations").forEach(r -> messages.add(r.get("message").asText()));
    schema.path("properties").forEach(property -> collectMessages(property, messages));
    if (schema.has("items")) {
      collectMessages(schema.get("items"), messages);
    }
  }

  /** A manifest with the value at the pointer replaced; without a value it is removed. */
  private static ObjectNode changed(String resource, String pointer, String yaml)
      throws JsonProcessingException {
    ObjectNode manifest = Admission.manifest(resource);
    JsonPointer at = JsonPointer.compile(pointer);
    JsonNode parent = manifest.at(at.head());
    assertThat(parent.isContainerNode()).as("%s is not in %s", at.head(), resource).isTrue();
    if (yaml == null) {
      ((ObjectNode) parent).remove(at.last().getMatchingProperty());
    } else {
      JsonNode value = new YAMLMapper().readTree(yaml);
      if (parent instanceof ArrayNode list) {
        list.set(at.last().getMatchingIndex(), value);
      } else {
        ((ObjectNode) parent).set(at.last().getMatchingProperty(), value);
      }
    }
    return manifest;
  }

  private static String pathOf(String error) {
    return error.substring(0, error.indexOf(": "));
  }

  private static String dotted(String pointer) {
    return "$" + pointer.replaceAll("/(\\d+)", "[$1]").replace('/', '.');
  }
}
