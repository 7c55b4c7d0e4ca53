package dev.longshore.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@link WebSocketRoute} wants. */
@SchemaCustomizer(
    value = ListTypes.class,
    input = "hosts=set tls=atomic upstreams=map:name locations=atomic")
@ValidationRule(
    value =
        "self.locations.all(l, !has(l.upstream) || (has(self.upstreams) && self.upstreams.exists(u,"
            + " u.name == l.upstream)))",
    message = "upstream must be the name of one of spec.upstreams",
    fieldPath = ".locations")
@ValidationRule(
    value =
        "self.locations.all(l, !has(l.split) || (has(self.upstreams) && l.split.all(s,"
            + " self.upstreams.exists(u, u.name == s.upstream))))",
    message = "split must name upstreams that are in spec.upstreams",
    fieldPath = ".locations")
@ValidationRule(
    value =
        "self.locations.all(l, !has(l.name) || self.locations.exists_one(m, has(m.name) && m.name"
            + " == l.name))",
    message = "two locations have the same name",
    fieldPath = ".locations",
    reason = "FieldValueDuplicate")
public record WebSocketRouteSpec(
    @JsonPropertyDescription(
            "The IngressClass that serves this route. Absent: served if Longshore's class is the"
                + " cluster's default class.")
        @Pattern(Formats.OBJECT_NAME)
        @Size(min = 1, max = Formats.OBJECT_NAME_MAX)
        @Nullable String ingressClassName,
    @JsonPropertyDescription(
            "The hosts of this route: exact (chat.example.com) or with a wildcard for exactly one"
                + " label (*.example.com). Absent: every host, which only namespaces that"
                + " LongshoreConfig lists may claim.")
        @Size(min = 1, max = 64)
        @Nullable List<@Pattern(Formats.HOST) @Size(min = 1, max = Formats.HOST_MAX) String> hosts,
    @JsonPropertyDescription("The certificates of the hosts, as in an Ingress.") @Size(max = 64)
        @Nullable List<Tls> tls,
    @JsonPropertyDescription(
            "The pools of endpoints that locations send their traffic to. Absent: every location"
                + " redirects or responds.")
        @Size(min = 1, max = 64)
        @Nullable List<Upstream> upstreams,
    @JsonPropertyDescription("The location rules: what becomes of which path.")
        @Required
        @Size(min = 1, max = 128)
        @Nullable List<Location> locations,
    @JsonPropertyDescription(
            "The policy of every location; a location's own policy goes over it, leaf by leaf.")
        @Nullable Policy policy) {

  public WebSocketRouteSpec {
    hosts = ImmutableLists.copy("hosts", hosts);
    tls = ImmutableLists.copy("tls", tls);
    upstreams = ImmutableLists.copy("upstreams", upstreams);
    locations = ImmutableLists.copy("locations", locations);
  }

  /** The certificate of some hosts. */
  @SchemaCustomizer(value = ListTypes.class, input = "hosts=set")
  public record Tls(
      @JsonPropertyDescription(
              "The hosts that the certificate is for. Absent: all hosts of the route.")
          @Size(min = 1, max = 64)
          @Nullable List<@Pattern(Formats.HOST) @Size(min = 1, max = Formats.HOST_MAX) String>
              hosts,
      @JsonPropertyDescription(
              "The Secret of type kubernetes.io/tls in the route's namespace that holds the"
                  + " certificate chain and its key.")
          @Required
          @Pattern(Formats.OBJECT_NAME)
          @Size(min = 1, max = Formats.OBJECT_NAME_MAX)
          @Nullable String secretName) {

    public Tls {
      hosts = ImmutableLists.copy("hosts", hosts);
    }
  }
}
