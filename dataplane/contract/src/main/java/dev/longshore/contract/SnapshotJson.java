package dev.longshore.contract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.ErrorReportConfiguration;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.introspect.AccessorNamingStrategy;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedMethod;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.DefaultAccessorNamingStrategy;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.longshore.contract.policy.Header;
import dev.longshore.contract.policy.PolicyJson;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the records of this package look in JSON. A component is required unless it is {@code
 * Nullable}, so the records are the schema: a component added to one is in the JSON and in the
 * version at once, and a peer that doesn't know it refuses the document instead of ignoring it.
 */
final class SnapshotJson {
  /** A snapshot of 100,000 rules with pools of their own is about 75 MiB. */
  static final long MAX_DOCUMENT_BYTES = 512L << 20;

  /** The longest strings are certificate chains. */
  static final int MAX_STRING_CHARS = 1 << 20;

  static final int MAX_DEPTH = 32;

  private static final JsonMapper FULL = mapper(module(Secret::reveal));
  private static final JsonMapper REDACTED =
      mapper(
          module(Secret::toString)
              .addSerializer(Header.class, new HeaderWithoutValueSerializer())
              .addSerializer(ValueMatch.class, new MatchWithoutValueSerializer()));

  private SnapshotJson() {}

  /** Reads; refuses whatever is not exactly as the records say. */
  static ObjectReader reader() {
    return FULL.reader();
  }

  /** Writes everything, secrets too. */
  static ObjectWriter full() {
    return FULL.writer();
  }

  /** Writes everything but secrets, and the values of headers, which may be credentials. */
  static ObjectWriter redacted() {
    return REDACTED.writer();
  }

  /** Writes everything, with something else in place of each secret. */
  static ObjectWriter withSecretsAs(Function<Secret, String> shown) {
    return mapper(module(shown)).writer();
  }

  private static JsonMapper mapper(SimpleModule module) {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_DOCUMENT_BYTES)
                    .maxStringLength(MAX_STRING_CHARS)
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(20)
                    .maxNameLength(64)
                    .build())
            // What could not be read may be a key that lost its quotes.
            .errorReportConfiguration(
                ErrorReportConfiguration.builder()
                    .maxErrorTokenLength(0)
                    .maxRawContentLength(0)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Also keeps lone surrogates, which UTF-8 can't say.
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();
    JsonMapper.Builder builder =
        JsonMapper.builder(factory)
            .accessorNaming(new ComponentsOnly())
            .annotationIntrospector(new RecordIntrospector())
            .addModule(module)
            .addMixIn(RuleAction.class, RuleActionJson.class)
            .addMixIn(EntryRef.class, EntryRefJson.class)
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL, Nulls.FAIL));
    for (CoercionInputShape shape : CoercionInputShape.values()) {
      if (shape != CoercionInputShape.String && shape != CoercionInputShape.EmptyString) {
        builder.withCoercionConfig(
            LogicalType.Textual, config -> config.setCoercion(shape, CoercionAction.Fail));
      }
    }
    return builder.build();
  }

  private static SimpleModule module(Function<Secret, String> secrets) {
    SimpleModule module = new SimpleModule();
    text(module, Secret.class, secrets, Secret::new);
    text(module, Version.class, Version::hex, Version::new);
    text(module, Cidr.class, Cidr::text, SnapshotJson::canonicalCidr);
    text(module, Duration.class, Durations::format, Durations::parse);
    PolicyJson.addTo(module);
    PoolJson.addTo(module);
    module.addSerializer(RoutingSnapshot.class, new SnapshotSerializer());
    module.addDeserializer(RoutingSnapshot.class, new SnapshotDeserializer());
    return module;
  }

  private static Cidr canonicalCidr(String text) {
    Cidr cidr = Cidr.parse(text);
    if (!cidr.text().equals(text)) {
      throw new IllegalArgumentException("'" + text + "' is written " + cidr.text());
    }
    return cidr;
  }

  private static <T> void text(
      SimpleModule module, Class<T> type, Function<T, String> write, Function<String, T> read) {
    module.addSerializer(type, new TextSerializer<>(type, write));
    module.addDeserializer(type, new TextDeserializer<>(type, read));
  }

  /** {@code {"forward": {…}}}, {@code {"unavailable": {…}}} and so on. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
  @JsonSubTypes({
    @JsonSubTypes.Type(value = RuleAction.Forward.class, name = "forward"),
    @JsonSubTypes.Type(value = RuleAction.Redirect.class, name = "redirect"),
    @JsonSubTypes.Type(value = RuleAction.Respond.class, name = "respond"),
    @JsonSubTypes.Type(value = RuleAction.Unavailable.class, name = "unavailable")
  })
  private interface RuleActionJson {}

  /** {@code {"rule": {"key": {…}}}} and so on. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
  @JsonSubTypes({
    @JsonSubTypes.Type(value = EntryRef.Rule.class, name = "rule"),
    @JsonSubTypes.Type(value = EntryRef.Pool.class, name = "pool"),
    @JsonSubTypes.Type(value = EntryRef.Endpoints.class, name = "endpointSet"),
    @JsonSubTypes.Type(value = EntryRef.Tls.class, name = "certificate"),
    @JsonSubTypes.Type(value = EntryRef.PolicyId.class, name = "policy"),
    @JsonSubTypes.Type(value = EntryRef.Credentials.class, name = "credentials"),
    @JsonSubTypes.Type(value = EntryRef.OfListener.class, name = "listener"),
    @JsonSubTypes.Type(value = EntryRef.AllSettings.class, name = "settings")
  })
  private interface EntryRefJson {}

  /** Of a record, only the components count: its {@code isEmpty()} is none. */
  private static final class ComponentsOnly extends DefaultAccessorNamingStrategy.Provider {
    @Override
    public AccessorNamingStrategy forRecord(MapperConfig<?> config, AnnotatedClass type) {
      return new DefaultAccessorNamingStrategy.RecordNaming(config, type) {
        @Override
        public @Nullable String findNameForRegularGetter(AnnotatedMethod method, String name) {
          return _fieldNames.contains(name) ? name : null;
        }

        @Override
        public @Nullable String findNameForIsGetter(AnnotatedMethod method, String name) {
          return null;
        }
      };
    }
  }

  /** Requires every component of a record that is not {@code Nullable}. */
  private static final class RecordIntrospector extends JacksonAnnotationIntrospector {
    @Override
    public @Nullable Boolean hasRequiredMarker(AnnotatedMember member) {
      return member instanceof AnnotatedParameter parameter
          ? Boolean.valueOf(!nullable(parameter))
          : super.hasRequiredMarker(member);
    }

    @Override
    public JsonSetter.Value findSetterInfo(Annotated annotated) {
      return annotated instanceof AnnotatedParameter parameter && nullable(parameter)
          ? JsonSetter.Value.forValueNulls(Nulls.SET, Nulls.FAIL)
          : super.findSetterInfo(annotated);
    }

    private static boolean nullable(AnnotatedParameter parameter) {
      return parameter.getOwner().getAnnotated() instanceof Constructor<?> constructor
          && constructor.getAnnotatedParameterTypes()[parameter.getIndex()].isAnnotationPresent(
              Nullable.class);
    }
  }

  /** Writes a value as a string. */
  private static final class TextSerializer<T> extends StdScalarSerializer<T> {
    private final transient Function<T, String> write;

    TextSerializer(Class<T> type, Function<T, String> write) {
      super(type);
      this.write = write;
    }

    @Override
    public void serialize(T value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(write.apply(value));
    }
  }

  /** Reads a value from a string, and from nothing else; errors don't repeat what was there. */
  private static final class TextDeserializer<T> extends StdScalarDeserializer<T> {
    private final transient Function<String, T> read;

    TextDeserializer(Class<T> type, Function<String, T> read) {
      super(type);
      this.read = read;
    }

    @Override
    public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
      if (json.currentToken() != JsonToken.VALUE_STRING) {
        throw JsonMappingException.from(json, "is not a string");
      }
      try {
        return read.apply(json.getText());
      } catch (IllegalArgumentException e) {
        throw JsonMappingException.from(json, String.valueOf(e.getMessage()));
      }
    }
  }

  /** Writes a snapshot that stands in another document. */
  private static final class SnapshotSerializer extends StdSerializer<RoutingSnapshot> {
    SnapshotSerializer() {
      super(RoutingSnapshot.class);
    }

    @Override
    public void serialize(RoutingSnapshot snapshot, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(SnapshotDocument.of(snapshot), json);
    }
  }

  /** Reads a snapshot that stands in another document. */
  private static final class SnapshotDeserializer extends StdDeserializer<RoutingSnapshot> {
    SnapshotDeserializer() {
      super(RoutingSnapshot.class);
    }

    @Override
    public RoutingSnapshot deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      try {
        return context.readValue(json, SnapshotDocument.class).snapshot();
      } catch (SnapshotFormatException e) {
        throw JsonMappingException.from(json, String.valueOf(e.getMessage()));
      }
    }
  }
}
