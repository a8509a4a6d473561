using System.Collections;
using System.Globalization;
using System.Reflection;

namespace StreamCore.Host.Configuration;

/// <summary>
/// Writes settings into option objects and collects every mistake with its origin. The framework's binder stops at the first
/// mistake and knows no line numbers, which is why this exists. Names match without regard to case, '-' and '_'.
/// </summary>
internal static class SettingsBinder
{
    public static void Bind(object options, IEnumerable<Setting> settings, List<string> mistakes)
    {
        foreach (var setting in settings) Assign(options, setting, 0, mistakes);
    }

    private static void Assign(object target, Setting setting, int depth, List<string> mistakes)
    {
        if (depth == setting.Path.Count) { mistakes.Add($"{setting.Origin}: '{setting.Name}' is a group of settings, not a value."); return; }
        var name = setting.Path[depth];
        var last = depth == setting.Path.Count - 1;
        switch (target)
        {
            case Dictionary<string, string> map when last:
                map[name] = setting.Text;
                return;
            case IList list:
                AssignItem(list, name, setting, depth, mistakes);
                return;
        }

        var property = Find(target.GetType(), name);
        if (property is null)
        {
            mistakes.Add($"{setting.Origin}: unknown setting '{setting.Name}'. Known here: {Known(target.GetType())}.");
        }
        else if (IsLeaf(property.PropertyType))
        {
            if (!last) mistakes.Add($"{setting.Origin}: '{string.Join('.', setting.Path.Take(depth + 1))}' is a value, not a group of settings.");
            else if (TryConvert(setting.Text, property.PropertyType, out var value)) property.SetValue(target, value);
            else mistakes.Add($"{setting.Origin}: '{setting.Name}' must be {Expected(property.PropertyType)}, but is '{setting.Text}'.");
        }
        else if (last && setting.Text.Length > 0 && property.GetValue(target) is IList items)
        {
            AssignWhole(items, property.PropertyType, setting, mistakes);
        }
        else if (!last || setting.Text.Length > 0)
        {
            Assign(property.GetValue(target)!, setting, depth + 1, mistakes);
        }
    }

    /// <summary>A list given as one text, as flags and environment variables do: values between commas.</summary>
    private static void AssignWhole(IList items, Type type, Setting setting, List<string> mistakes)
    {
        if (setting.Text == Setting.EmptyList) { items.Clear(); return; }
        var item = type.GetGenericArguments()[0];
        if (!IsLeaf(item)) { mistakes.Add($"{setting.Origin}: '{setting.Name}' must be a list."); return; }
        items.Clear();
        foreach (var part in setting.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (TryConvert(part, item, out var value)) items.Add(value);
            else mistakes.Add($"{setting.Origin}: '{setting.Name}' must hold {Expected(item)}, but has '{part}'.");
        }
    }

    private static void AssignItem(IList list, string name, Setting setting, int depth, List<string> mistakes)
    {
        var type = list.GetType().GetGenericArguments()[0];
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            mistakes.Add($"{setting.Origin}: '{string.Join('.', setting.Path.Take(depth))}' must be a list (lines that begin with '-').");
            return;
        }

        if (IsLeaf(type))
        {
            // A list from the file replaces the default list.
            if (index == 0) list.Clear();
            if (TryConvert(setting.Text, type, out var value)) list.Add(value);
            else mistakes.Add($"{setting.Origin}: '{setting.Name}' must be {Expected(type)}, but is '{setting.Text}'.");
            return;
        }

        while (list.Count <= index) list.Add(Activator.CreateInstance(type));
        Assign(list[index]!, setting, depth + 1, mistakes);
    }

    private static PropertyInfo? Find(Type type, string name)
    {
        var wanted = Plain(name);
        return type.GetProperties().FirstOrDefault(p => p.CanRead && string.Equals(Plain(p.Name), wanted, StringComparison.OrdinalIgnoreCase));
    }

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);

    private static string Known(Type type) =>
        string.Join(", ", type.GetProperties().Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]));

    private static bool IsLeaf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan);
    }

    private static bool TryConvert(string text, Type type, out object? value)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        value = null;
        if (type == typeof(string)) value = text;
        else if (type == typeof(TimeSpan)) value = TryDuration(text, out var duration) ? duration : null;
        else if (type == typeof(long)) value = TryBytes(text, out var bytes) ? bytes : null;
        else if (type.IsEnum) value = Enum.TryParse(type, Plain(text), true, out var named) && Enum.IsDefined(type, named!) ? named : null;
        else if (type == typeof(bool)) value = bool.TryParse(text, out var flag) ? flag : null;
        else
        {
            try { value = Convert.ChangeType(text, type, CultureInfo.InvariantCulture); }
            catch (Exception fault) when (fault is FormatException or OverflowException or InvalidCastException) { return false; }
        }

        return value is not null;
    }

    /// <summary>Seconds as a number, or a number with its unit: <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c>.</summary>
    private static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var (digits, unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 0.001),
            _ when text.EndsWith('s') => (text[..^1], 1.0),
            _ when text.EndsWith('m') => (text[..^1], 60.0),
            _ when text.EndsWith('h') => (text[..^1], 3600.0),
            _ => (text, 1.0),
        };
        if (!double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return false;
        var seconds = number * unit;
        if (!(seconds >= 0 && seconds < 86_400 * 365)) return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>Bytes as a whole number, or a number with its unit: <c>8GB</c> is 8,000,000,000, <c>8GiB</c> 2^33.</summary>
    private static bool TryBytes(string text, out long bytes)
    {
        bytes = 0;
        var digits = text.AsSpan().TrimEnd("KMGTiB ");
        long factor = text.AsSpan(digits.Length).Trim() switch
        {
            "" => 1,
            "KB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "TB" => 1_000_000_000_000,
            "KiB" => 1L << 10,
            "MiB" => 1L << 20,
            "GiB" => 1L << 30,
            "TiB" => 1L << 40,
            _ => 0,
        };
        if (factor == 1) return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out bytes);
        if (factor == 0 || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number > long.MaxValue / factor) return false;
        bytes = (long)(number * factor);
        return true;
    }

    private static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(type)),
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(TimeSpan) => "a duration such as 30s",
            _ when type == typeof(long) => "a number of bytes such as 512MB",
            _ when type == typeof(float) || type == typeof(double) => "a number",
            _ => "a whole number in range",
        };
    }
}
