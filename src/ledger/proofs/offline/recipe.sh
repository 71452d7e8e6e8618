#!/usr/bin/env bash
# 核验证据包 · Verify an evidence bundle with bash 4, coreutils, iconv and openssl 3, and nothing of ours.
#
#     bash recipe.sh [FOLDER [POLICY [READERS]]]
#
# FOLDER is the unpacked bundle; without it, the folder in which this file lies. The steps and their codes are those of
# verify.py. Exit code 0 holds, 1 refused, 2 could not be decided. No function here runs in a subshell that may refuse:
# results stand in variables named below each function.
set -euo pipefail
shopt -s nullglob dotglob
export LC_ALL=C
policy=policy readers=readers
[[ -z ${2:-} ]] || policy=$(realpath "$2")
[[ -z ${3:-} ]] || readers=$(realpath "$3")
cd "${1:-$(dirname "$0")}"
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
end=nobody

ended() { printf 'verdict %s · end %s\n' "$1" "$end"; exit "$2"; }
refuse() { printf '✗ %s (%s)\n' "$1" "${2:-}"; ended refused 1; }
undecided() { printf '✗ %s (%s)\n' "$1" "${2:-}"; ended undecided 2; }
[[ $(openssl version 2>&1) == OpenSSL\ [3-9]* ]] || undecided unchecked '需要 openssl 3 · openssl 3 is needed'

# ---- bytes, numbers, keys

unhex() { printf %b "$(sed 's/../\\x&/g' <<<"$1")"; }
unbase64() {    # → hex: the bytes of canonical base64 (bits that are not used are zero), else empty
  hex=
  [[ ${#1} -lt 1000000 && $1 =~ ^[A-Za-z0-9+/]*(==|=)?$ && $((${#1} % 4)) == 0 && ! $1 =~ ([^AQgw]==|[^=AEIMQUYcgkosw048]=)$ ]] || return 0
  hex=$(base64 -d <<<"$1" | od -An -v -tx1)
  hex=${hex//[!0-9a-f]/}
}
decimal() { [[ $1 =~ ^(0|[1-9][0-9]{0,18})$ && ! ( ${#1} == 19 && $1 > 9223372036854775807 ) ]]; }
spaces=$'[\x01- +]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80'
good_name() { [[ -n $1 && ! $1 =~ $spaces ]]; }
utf8() { iconv -f UTF-8 -t UTF-8 "$1" >"$t/utf8" 2>"$t/error"; }
without() { tr -d "$2" <"$1" | cmp -s - "$1"; }

declare -A vkey=()      # the whole key by its label (name and key id), to be compared with what its owner publishes
read_key() {    # vkey, kind, code, others as "public label" → key
  local name=${1%%+*} rest=${1#*+} code=$3 other
  [[ $1 == *+*+* && ${#1} -le 1000 ]] && good_name "$name" || refuse "$code" "${1:0:60}"
  unbase64 "${rest#*+}"
  [[ ${#hex} == 66 && ${hex:0:2} == "$2" ]] || refuse "$code" "${1:0:60}"
  local id; id=$({ printf '%s\n' "$name"; unhex "$hex"; } | sha256sum | cut -c1-8)
  key="${hex:2} $name+$id"
  vkey[$name+$id]=$1
  [[ ${rest%%+*} == "$id" ]] || refuse "$code" "${1:0:60}"
  for other in "${@:4}"; do
    [[ ${other% *} != "${key% *}" && ${other#* } != "${key#* }" ]] || refuse "$code" "${1:0:60}"
  done
}

words_of() {    # file, code → rows: its lines as words
  [[ $(wc -c <"$1") -le 100000 ]] && utf8 "$1" && without "$1" '\0-\010\013-\037\177' || refuse "$2" "$1"
  local line
  rows=()
  while IFS= read -r line; do
    IFS=$' \t' read -r -a words <<<"$line"
    [[ ${#words[@]} == 0 || ${words[0]} == \#* ]] || rows+=("${words[*]}")
  done <"$1"
}

# ---- signed notes

read_note() {   # file, code → lines, $t/text, signatures as "label hex"
  local whole row name
  [[ $(wc -c <"$1") -le 1000000 ]] && utf8 "$1" && without "$1" '\0-\011\013-\037' || refuse "$2" "$1"
  IFS= read -r -d '' whole <"$1" || :
  [[ $whole == *$'\n\n'* ]] || refuse "$2" "$1"
  printf '%s\n' "${whole%$'\n\n'*}" >"$t/text"
  mapfile -t lines <"$t/text"
  printf %s "${whole##*$'\n\n'}" >"$t/signatures"
  mapfile -t tail <"$t/signatures"
  signatures=()
  (( ${#tail[@]} > 0 && ${#tail[@]} <= 100 )) || refuse "$2" "$1"
  for row in "${tail[@]}"; do
    name=${row#— }
    [[ $row == '— '*' '* ]] && good_name "${name%% *}" || refuse "$2" "$1"
    unbase64 "${name#* }"
    (( ${#hex} >= 10 )) || refuse "$2" "$1"
    signatures+=("${name%% *}+${hex:0:8} ${hex:8}")
  done
}

good_signatures() { # code, keys as "public label kind" → good: "label kind seconds" of each that is known; all are right
  local one known label body at
  good=()
  for one in "${signatures[@]}"; do
    label=${one% *} body=${one##* } at=0
    for known in "${@:2}"; do
      read -r public name kind <<<"$known"
      [[ $name == "$label" ]] || continue
      cp "$t/text" "$t/message"
      if [[ $kind == 04 ]]; then
        [[ ${body:0:1} == [0-7] && ${#body} == 144 ]] || refuse "$1" "$label"
        at=$((16#${body:0:16})) body=${body:16}
        { printf 'cosignature/v1\ntime %d\n' "$at"; cat "$t/text"; } >"$t/message"
      fi
      [[ ${#body} == 128 ]] || refuse "$1" "$label"
      unhex "302a300506032b6570032100$public" >"$t/key.der"
      unhex "$body" >"$t/signature"
      openssl pkeyutl -verify -pubin -keyform DER -inkey "$t/key.der" -rawin -in "$t/message" -sigfile "$t/signature" \
        >"$t/said" 2>&1 || refuse "$1" "$label"
      good+=("$label $kind $at")
    done
  done
}

# ---- format

statements=(statements/*)
shown=(disclosures*)
[[ ${shown[*]} == disclosures ]] || shown=()
for name in bundle policy checkpoint entries proofs readers "${shown[@]}" "${statements[@]}"; do
  case $name in
    policy) file=$policy limit=100000 ;;
    readers) file=$readers limit=100000 ;;
    entries | proofs | disclosures) file=$name limit=1073741824 ;;
    *) file=$name limit=1000000 ;;
  esac
  [[ -s $file && -z $(tail -c 1 "$file" | tr '\0' 0) && $(wc -c <"$file") -le $limit ]] || refuse format "$name"
  without "$file" '\0' || refuse format "$name"
done
mapfile -t head <bundle
utf8 bundle || refuse format bundle
[[ ${head[0]} == sunledger/bundle/v1 || ! ${head[0]} =~ ^sunledger/bundle/v[0-9]+$ ]] || undecided newer "${head[0]}"
[[ ${#head[@]} == 4 && ${head[0]} == sunledger/bundle/v1 && -n ${head[1]} ]] || refuse format bundle
origin=${head[1]} tag=${head[2]} known=${head[3]}
[[ $tag =~ ^[!-~]{1,128}$ ]] && decimal "$known" || refuse format bundle
printf '卷宗 dossier     %s\n台账 log         %s\n' "$tag" "$origin"

# ---- policy

logs=() witnesses=() own=() quorum=
declare -A witness=() names=([none]=1) member=([none]=1) count=() of=()
groups=()
words_of "$policy" policy
for row in "${rows[@]}"; do
  IFS=' ' read -r -a words <<<"$row"
  n=${#words[@]} name=${words[1]:-}
  case ${words[0]} in
    log)
      (( n == 2 || n == 3 )) || refuse policy "$row"
      read_key "$name" 01 policy "${logs[@]}"
      logs+=("$key")
      [[ ${name%%+*} != "$origin" ]] || own+=("$key 01")
      ;;
    quorum)
      [[ $n == 2 && -z $quorum && -n ${names[$name]:-} ]] || refuse policy "$row"
      quorum=$name
      ;;
    witness)
      [[ ( $n == 3 || $n == 4 ) && -z ${names[$name]:-} ]] || refuse policy "$row"
      read_key "${words[2]}" 04 policy "${witnesses[@]}"
      witnesses+=("$key") witness[${key#* }]=$name names[$name]=1
      ;;
    group)
      [[ $n -gt 3 && -z ${names[$name]:-} ]] || refuse policy "$row"
      for one in "${words[@]:3}"; do
        [[ -n ${names[$one]:-} && -z ${member[$one]:-} ]] || refuse policy "$row"
        member[$one]=1
      done
      enough=${words[2]}
      [[ $enough != any ]] || enough=1
      [[ $enough != all ]] || enough=$((n - 3))
      [[ $enough =~ ^[1-9][0-9]{0,4}$ ]] && (( enough <= n - 3 )) || refuse policy "$row"
      groups+=("$name") count[$name]=$enough of[$name]=${words[*]:3} names[$name]=1
      ;;
    *) refuse policy "$row" ;;
  esac
done
[[ -n $quorum ]] || refuse policy quorum

# ---- checkpoint and quorum

read_note checkpoint checkpoint
[[ ${#lines[@]} == 3 && ${lines[0]} == "$origin" ]] && decimal "${lines[1]}" || refuse checkpoint "${lines[0]}"
unbase64 "${lines[2]}"
[[ ${#hex} == 64 ]] || refuse checkpoint root
size=${lines[1]} root=$hex root64=${lines[2]}
good_signatures checkpoint "${own[@]}" "${witnesses[@]/%/ 04}"
declare -A met=([none]=1)
signed=0
printf '检查点 checkpoint %s · %s\n' "$size" "$root"
for one in "${good[@]}"; do
  read -r label kind at <<<"$one"
  if [[ $kind == 01 ]]; then
    signed=1
    printf '  台账 log        %s\n' "${vkey[$label]}"
  else
    met[${witness[$label]}]=1
    printf '  见证 witness    %s (%s) %s\n' "${witness[$label]}" "${vkey[$label]}" "$(date -u -d "@$at" +%FT%TZ 2>"$t/error" || echo "$at")"
  fi
done
(( signed )) || refuse checkpoint "$origin"
for name in "${groups[@]}"; do
  have=0
  for one in ${of[$name]}; do have=$((have + ${met[$one]:-0})); done
  (( have < ${count[$name]} )) || met[$name]=1
done
[[ -n ${met[$quorum]:-} ]] || refuse quorum "$quorum"
[[ $known != 0 ]] && (( known <= size )) || refuse format known

# ---- inclusion: all paths at once, one level after another

mapfile -t rows <entries
mapfile -t proofs <proofs
utf8 proofs && (( ${#rows[@]} == ${#proofs[@]} )) || refuse format proofs
hashes() {      # $t/n.… → hashes: SHA-256 of each, in order
  mapfile -t hashes < <(printf '%s\0' "$t"/n.* | xargs -0 sha256sum | cut -c1-64)
  find "$t" -name 'n.*' -delete
}
index=() path=() fn=() sn=() longest=0
for i in "${!proofs[@]}"; do
  IFS=' ' read -r -a words <<<"${proofs[i]}"
  [[ ${words[*]} == "${proofs[i]}" && ${#words[@]} -gt 0 && ${#words[@]} -le 64 ]] || refuse format "${proofs[i]:0:40}"
  decimal "${words[0]}" && (( ${#rows[i]} > 0 && ${#rows[i]} <= 65535 )) || refuse format "${proofs[i]:0:40}"
  for one in "${words[@]:1}"; do
    [[ ${#one} == 64 && $one != *[!0-9a-f]* ]] || refuse format "${proofs[i]:0:40}"
  done
  index[i]=${words[0]} path[i]=${words[*]:1} fn[i]=${words[0]} sn[i]=$((size - 1))
  (( ${#words[@]} <= longest )) || longest=${#words[@]}
done
for i in "${!rows[@]}"; do
  printf -v name '%s/n.%08d' "$t" "$i"
  { printf '\0'; printf %s "${rows[i]}"; } >"$name"
done
hashes
leaf=("${hashes[@]}") now=("${hashes[@]}")
for i in "${!rows[@]}"; do (( index[i] < size )) || refuse inclusion "#${index[i]}"; done
for (( level = 0; level < longest - 1; level++ )); do
  active=() text=
  for i in "${!rows[@]}"; do
    other=${path[i]:level*65:64}
    [[ -n $other ]] || continue
    (( sn[i] > 0 )) || refuse inclusion "#$((index[i] + 1))"
    active+=("$i")
    if (( fn[i] & 1 || fn[i] == sn[i] )); then
      text+=01$other${now[i]}
      while (( !(fn[i] & 1) && fn[i] )); do fn[i]=$((fn[i] >> 1)) sn[i]=$((sn[i] >> 1)); done
    else
      text+=01${now[i]}$other
    fi
    fn[i]=$((fn[i] >> 1)) sn[i]=$((sn[i] >> 1))
  done
  unhex "$text" | split -b 65 -a 8 -d - "$t/n."
  hashes
  for n in "${!active[@]}"; do now[${active[n]}]=${hashes[n]}; done
done
for i in "${!rows[@]}"; do
  [[ ${now[i]} == "$root" && ${sn[i]} == 0 ]] || refuse inclusion "#$((index[i] + 1))"
done

# ---- entry and history

meta_form='^([1-9][0-9]{0,18}),"poster":\{[^{}]*\},("proof":\{[^{}]*\},)?"prev":"[0-9a-f]{64}","recorded":"[^"\\]*","v":1\}$'
version_form='^([0-9]+)\}$'
link_form='^([1-9][0-9]{0,18}),(null|"[0-9a-f]{64}")\]'
name=${tag//\\/\\\\}
name=",\"${name//\"/\\\"}\":["
ordinal=() before=()
for i in "${!rows[@]}"; do
  position=$((index[i] + 1))
  [[ ! ${rows[i]##*\"v\":} =~ $version_form || ${BASH_REMATCH[1]} == 1 ]] || undecided newer "#$position"
  after=${rows[i]##*,\"links\":\{} links=
  [[ $after != *'},"position":'* ]] || links=${after%\},\"position\":*}
  [[ ${after##*\},\"position\":} =~ $meta_form && ${BASH_REMATCH[1]} == "$position" ]] || refuse entry "#$position"
  links=,${links%%\},\"opens\":\{*} ordinal[i]=– before[i]=
  if [[ $links == *"$name"* ]]; then
    links=${links#*"$name"}
    [[ ! ${links:0:100} =~ $link_form ]] || ordinal[i]=${BASH_REMATCH[1]} before[i]=${BASH_REMATCH[2]}
  fi
done
last=null place=-1
for i in "${!rows[@]}"; do
  [[ ${ordinal[i]} == $((i + 1)) && ${before[i]} == "$last" && ${index[i]} -gt $place ]] ||
    refuse history "#$((index[i] + 1)): ${ordinal[i]} ≠ $((i + 1))"
  last=\"${leaf[i]}\" place=${index[i]}
done
printf '✓ %d 条均在台账中，序号连续 · every entry is in the log, ordinals without a gap\n' "${#rows[@]}"

# ---- disclosures: the digest of each stands in an _sd of its entry

if (( ${#shown[@]} )); then
  declare -A row_of=()
  for i in "${!rows[@]}"; do row_of[$((index[i] + 1))]=$i; done
  mapfile -t shown <disclosures
  utf8 disclosures || refuse format disclosures
  shown_form='^([1-9][0-9]{0,18}) ([A-Za-z0-9_-]+)$'
  for line in "${shown[@]}"; do
    [[ ${#line} -le 100020 && $line =~ $shown_form ]] || refuse format "disclosures: ${line:0:40}"
    position=${BASH_REMATCH[1]} text=${BASH_REMATCH[2]} held=
    decimal "$position" || refuse format "disclosures: ${line:0:40}"
    digest=$(printf %s "$text" | openssl dgst -sha256 -binary | base64 -w0 | tr '+/' '-_' | tr -d =)
    [[ -z ${row_of[$position]:-} ]] || held=$(grep -oE '"_sd":\[[^]]*\]' <<<"${rows[${row_of[$position]}]}" || :)
    [[ $held == *"\"$digest\""* ]] || refuse disclosure "#$position"
    plain=$(tr -- '-_' '+/' <<<"$text")
    while (( ${#plain} % 4 )); do plain+==; done
    base64 -d <<<"$plain" >"$t/shown" 2>"$t/error" && utf8 "$t/shown" || refuse disclosure "#$position"
    printf '  #%s %s\n' "$position" "$(tr -d '\0' <"$t/shown")"
  done
  printf '✓ %d 项披露与条目相符 · disclosures fit their entries\n' "${#shown[@]}"
fi

# ---- readers and statements

keys=()
words_of "$readers" readers
for row in "${rows[@]}"; do
  IFS=' ' read -r -a words <<<"$row"
  [[ ${words[0]} == reader && ( ${#words[@]} == 2 || ${#words[@]} == 3 ) ]] || refuse readers "$row"
  read_key "${words[1]}" 01 readers "${keys[@]}" "${logs[@]}"
  keys+=("$key")
done
leaf64=$(unhex "${last//\"/}" | base64 -w0)
for file in "${statements[@]}"; do
  read_note "$file" statement
  [[ ${#lines[@]} == 7 && ${lines[0]} == sunledger/tag-head/v1 && ${lines[1]} == "$origin" && ${lines[2]} == "$size" &&
    ${lines[3]} == "$root64" && ${lines[4]} == "$tag" ]] || refuse statement "$file"
  good_signatures statement "${keys[@]/%/ 01}"
  (( ${#good[@]} )) || refuse statement "$file"
  [[ ${lines[5]} == "${#leaf[@]}" && ${lines[6]} == "$leaf64" ]] || refuse statement "$file: ${lines[5]} ≠ ${#leaf[@]}"
  for one in "${good[@]}"; do
    signer=${one%% *}
    case ${signer%+*} in
      "$origin" | "$origin"/*) who="经营者自称 · the operator's word"; [[ $end == read ]] || end=word ;;
      *) who='由其通读 · read by' end=read ;;
    esac
    printf '✓ %s 末条 head %d · %s: %s\n' "$file" "${#leaf[@]}" "$who" "${vkey[$signer]}"
  done
done
[[ $end != nobody ]] || echo '! 无人声明历史到此为止，末尾可能被截去 · nobody states that the history ends here: it may be cut'
echo '! 请核对上列密钥 · compare the keys above with those that their owners publish'
ended holds 0
