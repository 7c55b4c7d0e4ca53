package dev.longshore.contract;

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
import dev.longshore.contract.UpstreamPool.Balancing;
import dev.longshore.contract.UpstreamPool.EndpointLimit;
import dev.longshore.contract.UpstreamPool.Keepalive;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a pool looks in JSON: an object of what every pool has, and a key for each part, in the order
 * of {@link PoolPartType}.
 */
final class PoolJson {
  /** What every pool has, in the order of the canonical form. */
  private static final Map<String, Class<?>> CORE = core();

  private static final Map<String, PoolPartType<?>> PARTS = new LinkedHashMap<>();

  static {
    PoolPartType.all().forEach(type -> PARTS.put(type.name(), type));
  }

  private PoolJson() {}

  private static Map<String, Class<?>> core() {
    Map<String, Class<?>> core = new LinkedHashMap<>();
    core.put("key", PoolKey.class);
    core.put("endpoints", EndpointSetKey.class);
    core.put("balancing", Balancing.class);
    core.put("slowStart", Duration.class);
    core.put("keepalive", Keepalive.class);
    return core;
  }

  /** Adds what reads and writes pools. */
  static void addTo(SimpleModule module) {
    module.addSerializer(UpstreamPool.class, new Writer());
    module.addDeserializer(UpstreamPool.class, new Reader());
    BareJson.addTo(
        module,
        EndpointLimit.class,
        new TypeReference<Integer>() {},
        EndpointLimit::connections,
        EndpointLimit::new);
  }

  private static final class Writer extends StdSerializer<UpstreamPool> {
    private static final long serialVersionUID = 1;

    Writer() {
      super(UpstreamPool.class);
    }

    @Override
    public void serialize(UpstreamPool pool, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeStartObject(pool);
      provider.defaultSerializeField("key", pool.key(), json);
      provider.defaultSerializeField("endpoints", pool.endpoints(), json);
      provider.defaultSerializeField("balancing", pool.balancing(), json);
      provider.defaultSerializeField("slowStart", pool.slowStart(), json);
      provider.defaultSerializeField("keepalive", pool.keepalive(), json);
      for (PoolPart part : pool.parts()) {
        provider.defaultSerializeField(PoolPartType.of(part).name(), part, json);
      }
      json.writeEndObject();
    }
  }

  private static final class Reader extends StdDeserializer<UpstreamPool> {
    private static final long serialVersionUID = 1;

    Reader() {
      super(UpstreamPool.class);
    }

    @Override
    public UpstreamPool deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      if (!json.isExpectedStartObjectToken()) {
        return (UpstreamPool) context.handleUnexpectedToken(UpstreamPool.class, json);
      }
      Map<String, Object> core = new LinkedHashMap<>();
      List<PoolPart> parts = new ArrayList<>();
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        PoolPartType<?> part = PARTS.get(name);
        Class<?> type = CORE.get(name);
        if (part != null) {
          PoolPart read = read(name, part.type(), true, json, context);
          if (read != null) {
            parts.add(read);
          }
        } else if (type != null) {
          Object read = read(name, type, false, json, context);
          if (read != null) {
            core.put(name, read);
          }
        } else {
          context.handleUnknownProperty(json, this, UpstreamPool.class, name);
        }
      }
      for (String name : CORE.keySet()) {
        if (!core.containsKey(name)) {
          context.reportInputMismatch(this, "Missing required creator property '%s'", name);
        }
      }
      return UpstreamPool.ofParts(
          taken(core, "key", PoolKey.class),
          taken(core, "endpoints", EndpointSetKey.class),
          taken(core, "balancing", Balancing.class),
          taken(core, "slowStart", Duration.class),
          taken(core, "keepalive", Keepalive.class),
          parts);
    }

    private static <T> T taken(Map<String, Object> core, String name, Class<T> type) {
      Object value = core.get(name);
      if (value == null) {
        throw new IllegalStateException(name + " is missing");
      }
      return type.cast(value);
    }

    /** Null, and as good as absent, is only what may be absent. */
    private static <T> @Nullable T read(
        String name,
        Class<T> type,
        boolean optional,
        JsonParser json,
        DeserializationContext context)
        throws IOException {
      boolean isNull = json.nextToken() == JsonToken.VALUE_NULL;
      if (isNull && optional) {
        return null;
      }
      try {
        return isNull
            ? context.reportInputMismatch(type, "Invalid `null` value for %s", name)
            : context.readValue(json, type);
      } catch (IOException e) {
        throw JsonMappingException.wrapWithPath(e, UpstreamPool.class, name);
      }
    }

    @Override
    public Collection<Object> getKnownPropertyNames() {
      List<Object> names = new ArrayList<>(CORE.keySet());
      names.addAll(PARTS.keySet());
      return names;
    }
  }
}
