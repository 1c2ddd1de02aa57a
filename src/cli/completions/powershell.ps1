# PowerShell completion for kubectl-draft_connect.
Register-ArgumentCompleter -Native -CommandName 'kubectl-draft_connect' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    # An empty word is not among the elements; an empty argument would be dropped by older versions.
    if ($wordToComplete -eq '') { $words += '""' }
    $lines = @(& kubectl-draft_connect __complete @words 2>$null)
    $lead = if ($wordToComplete -match '^--[^=]*=') { $Matches[0] } else { '' }
    foreach ($line in $lines) {
        if ($line -match '^:\d+$' -or $line -eq '') { continue }
        $value, $description = $line -split "`t", 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new("$lead$value", $value, 'ParameterValue', $description)
    }
}
