package dev.longshore.contract.policy;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.longshore.contract.BareJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a policy looks in JSON: an object with a key for each part, in the order of {@link PartType}.
 * A part is written as its record or its constant; but some of the first, which hold one thing, are
 * written as that.
 */
public final class PolicyJson {
  private PolicyJson() {}

  /** Adds what reads and writes policies. */
  public static void addTo(SimpleModule module) {
    module.addSerializer(Policy.class, new Writer());
    module.addDeserializer(Policy.class, new Reader());
    TypeReference<List<String>> strings = new TypeReference<>() {};
    BareJson.addTo(
        module, AllowedOrigins.class, strings, AllowedOrigins::values, AllowedOrigins::new);
    BareJson.addTo(
        module,
        AllowedSubprotocols.class,
        strings,
        AllowedSubprotocols::names,
        AllowedSubprotocols::new);
    BareJson.addTo(
        module, Retries.class, new TypeReference<>() {}, Retries::attempts, Retries::new);
    TypeReference<HeaderEdits> edits = new TypeReference<>() {};
    BareJson.addTo(module, RequestHeaders.class, edits, RequestHeaders::edits, RequestHeaders::new);
    BareJson.addTo(
        module, ResponseHeaders.class, edits, ResponseHeaders::edits, ResponseHeaders::new);
  }

  private static final class Writer extends StdSerializer<Policy> {
    private static final long serialVersionUID = 1;

    Writer() {
      super(Policy.class);
    }

    @Override
    public void serialize(Policy policy, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeStartObject(policy);
      for (PartType<?> type : PartType.all()) {
        if (type.required() || policy.has(type.type())) {
          json.writeFieldName(type.name());
          provider.defaultSerializeValue(policy.get(type.type()), json);
        }
      }
      json.writeEndObject();
    }
  }

  private static final class Reader extends StdDeserializer<Policy> {
    private static final long serialVersionUID = 1;

    private static final Map<String, PartType<?>> BY_NAME =
        PartType.all().stream().collect(Collectors.toUnmodifiableMap(PartType::name, type -> type));

    Reader() {
      super(Policy.class);
    }

    @Override
    public Policy deserialize(JsonParser json, DeserializationContext context) throws IOException {
      if (!json.isExpectedStartObjectToken()) {
        return (Policy) context.handleUnexpectedToken(Policy.class, json);
      }
      List<PolicyPart> parts = new ArrayList<>();
      Set<PartType<?>> missing = new HashSet<>(PartType.all());
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        PartType<?> type = BY_NAME.get(name);
        if (type == null) {
          context.handleUnknownProperty(json, this, Policy.class, name);
        } else {
          missing.remove(type);
          PolicyPart part = read(type, json, context);
          if (part != null) {
            parts.add(part);
          }
        }
      }
      for (PartType<?> type : PartType.all()) {
        if (type.required() && missing.contains(type)) {
          context.reportInputMismatch(this, "Missing required creator property '%s'", type.name());
        }
      }
      return Policy.of(parts);
    }

    /** Null, and as good as absent, is only what may be absent. */
    private static @Nullable PolicyPart read(
        PartType<?> type, JsonParser json, DeserializationContext context) throws IOException {
      boolean isNull = json.nextToken() == JsonToken.VALUE_NULL;
      if (isNull && !type.required()) {
        return null;
      }
      try {
        return isNull
            ? context.reportInputMismatch(type.type(), "Invalid `null` value for %s", type.name())
            : context.readValue(json, type.type());
      } catch (IOException e) {
        throw JsonMappingException.wrapWithPath(e, Policy.class, type.name());
      }
    }

    @Override
    public Collection<Object> getKnownPropertyNames() {
      return PartType.all().stream().<Object>map(PartType::name).toList();
    }
  }
}
